#!/usr/bin/env bash
# Microsoft.FeatureManagement 4.7.0: a group's rollout percentage cannot hold its members back.
#
# In the targeting filter a user is let in if the group's draw lets it in, or if the default draw does. A group at 0 % with a default of
# 100 % gets the feature in full; one at 50 % with a default of 50 % gets it for three users of four, since the two draws are
# independent. "0 % for the cautious ring" is therefore no protection: only an exclusion is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TZ=UTC

cat > "$work/try.cs" <<'CS'
#:package Microsoft.FeatureManagement@4.7.0
#:property PublishAot=false
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

foreach (var (group, other) in new[] { (0, 100), (50, 50), (50, 0) })
    Console.WriteLine($"group {group} %, default {other} %: {await EnabledAsync(group, other)} of 10000 members of the group");

async Task<int> EnabledAsync(int group, int other)
{
    const string flag = "feature_management:feature_flags:0:";
    const string audience = flag + "conditions:client_filters:0:parameters:Audience:";
    var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>
        {
            [flag + "id"] = "tariff",
            [flag + "enabled"] = "true",
            [flag + "conditions:client_filters:0:name"] = "Microsoft.Targeting",
            [audience + "DefaultRolloutPercentage"] = $"{other}",
            [audience + "Groups:0:Name"] = "ring",
            [audience + "Groups:0:RolloutPercentage"] = $"{group}",
        }).Build());
    services.AddFeatureManagement().AddFeatureFilter<ContextualTargetingFilter>();
    await using var provider = services.BuildServiceProvider();
    var features = provider.GetRequiredService<IFeatureManager>();
    var enabled = 0;
    for (var user = 0; user < 10_000; user++)
        enabled += await features.IsEnabledAsync("tariff", new TargetingContext { UserId = $"user-{user}", Groups = ["ring"] }) ? 1 : 0;
    return enabled;
}
CS
cat > "$work/expected" <<'TXT'
group 0 %, default 100 %: 10000 of 10000 members of the group
group 50 %, default 50 %: 7589 of 10000 members of the group
group 50 %, default 0 %: 4952 of 10000 members of the group
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
