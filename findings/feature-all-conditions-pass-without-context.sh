#!/usr/bin/env bash
# Microsoft.FeatureManagement 4.7.0: a flag whose conditions must all hold is on for whoever asks without a context.
#
# With requirement_type All a feature is on unless a filter says no. The targeting filter that comes registered needs a targeting context;
# asked by IsEnabledAsync(name) alone, it is passed over without a word, and what is passed over has not said no. So a flag for one user out
# of a list is on for everybody through one overload and off through the other. With requirement_type Any, the default, the same flag is off
# in both. A filter that is not registered at all throws, which makes one believe that a missing answer is always noticed. Whoever wants All asks
# with a context everywhere, or registers an ITargetingContextAccessor with WithTargeting().
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

const string Targeting = "Microsoft.Targeting";
foreach (var requirement in new[] { "Any", "All" })
{
    Console.WriteLine($"{requirement}, with a context of bob: {await AskAsync(requirement, Targeting, new TargetingContext { UserId = "bob" })}");
    Console.WriteLine($"{requirement}, without a context: {await AskAsync(requirement, Targeting, null)}");
    Console.WriteLine($"{requirement}, filter not registered: {await AskAsync(requirement, "Nobodys", null)}");
}

async Task<string> AskAsync(string requirement, string filter, TargetingContext? context)
{
    const string flag = "feature_management:feature_flags:0:";
    var services = new ServiceCollection().AddLogging().AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
        new Dictionary<string, string?>
        {
            [flag + "id"] = "tariff",
            [flag + "enabled"] = "true",
            [flag + "conditions:requirement_type"] = requirement,
            [flag + "conditions:client_filters:0:name"] = filter,
            [flag + "conditions:client_filters:0:parameters:Audience:Users:0"] = "ann",
        }).Build());
    services.AddFeatureManagement();
    await using var provider = services.BuildServiceProvider();
    var features = provider.GetRequiredService<IFeatureManager>();
    try
    {
        var isOn = context is null ? await features.IsEnabledAsync("tariff") : await features.IsEnabledAsync("tariff", context);
        return isOn ? "on" : "off";
    }
    catch (FeatureManagementException cause)
    {
        return cause.Error.ToString();
    }
}
CS
cat > "$work/expected" <<'TXT'
Any, with a context of bob: off
Any, without a context: off
Any, filter not registered: MissingFeatureFilter
All, with a context of bob: off
All, without a context: on
All, filter not registered: MissingFeatureFilter
TXT

cd "$work"
dotnet run try.cs 2> errors > seen || { cat errors seen; exit 1; }
cat seen
diff expected seen && echo "As stated."
