using System.CommandLine;
using System.Globalization;
using IspHost.Core.FeatureFlags;

namespace IspHost.Server.Commands;

/// <summary>What can be said of a flag without a file.</summary>
sealed class FlagOptions
{
    readonly Option<bool?> enabled = new("--enabled") { Description = "False turns it off for all.", HelpName = "true|false" };
    readonly Option<string[]?> tenants = Many("--tenant", "A tenant that has it.", "CODE");
    readonly Option<string[]?> except = Many("--except", "A tenant that does not have it.", "CODE");
    readonly Option<string[]?> groups = Many("--group", "A group that has it, in whole or in part, such as plan:home=20.", "GROUP[=N]");
    readonly Option<string[]?> exceptGroups = Many("--except-group", "A group that does not have it.", "GROUP");
    readonly Option<string[]?> filters = Many("--filter", "A condition that a plugin judges.", "NAME[=ARGUMENT]");
    readonly Option<double?> percentage = new("--percentage") { Description = "How many of all, in the hundred.", HelpName = "N" };
    readonly Option<FlagPopulation?> of = new("--of") { Description = "Of whom percentages are taken.", HelpName = "tenants|customers" };
    readonly Option<bool?> telemetry = new("--telemetry") { Description = "Answers are events of traces.", HelpName = "true|false" };

    IEnumerable<Option> All => [enabled, tenants, except, groups, exceptGroups, percentage, of, filters, telemetry];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    public bool AreGiven(ParseResult parsed) => All.Any(option => parsed.GetResult(option) is not null);

    /// <summary>The terms with what is given; an option that may come several times says all of its list.</summary>
    public FlagTerms Apply(ParseResult parsed, FlagTerms terms) => terms with
    {
        Enabled = parsed.GetValue(enabled) ?? terms.Enabled,
        Tenants = ListOf(parsed, tenants) ?? terms.Tenants,
        Except = ListOf(parsed, except) ?? terms.Except,
        Groups = ListOf(parsed, groups)?.Select(GroupOf).ToArray() ?? terms.Groups,
        ExceptGroups = ListOf(parsed, exceptGroups) ?? terms.ExceptGroups,
        Percentage = parsed.GetValue(percentage) ?? terms.Percentage,
        PercentageOf = parsed.GetValue(of) ?? terms.PercentageOf,
        Filters = ListOf(parsed, filters)?.Select(FilterOf).ToArray() ?? terms.Filters,
        Telemetry = parsed.GetValue(telemetry) ?? terms.Telemetry,
    };

    static string[]? ListOf(ParseResult parsed, Option<string[]?> option)
        => parsed.GetResult(option) is null ? null : parsed.GetValue(option);

    /// <summary>The part behind the last equals sign is a percentage if it is a number: a tag may have such a sign itself.</summary>
    static FlagGroup GroupOf(string text)
    {
        var at = text.LastIndexOf('=');
        return at > 0 && double.TryParse(text[(at + 1)..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part)
            ? new FlagGroup(text[..at], part)
            : new FlagGroup(text);
    }

    static FlagFilter FilterOf(string text)
        => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? new(text[..at], text[(at + 1)..]) : new(text);

    static Option<string[]?> Many(string name, string description, string help) => new(name)
    {
        Description = $"{description} May be given more than once.",
        HelpName = help,
    };
}
