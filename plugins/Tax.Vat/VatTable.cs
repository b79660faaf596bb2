using System.Collections.Frozen;
using System.Globalization;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Plugins.Tax.Vat;

/// <summary>What the tables beside this file say. They are data: a new rate is a new line.</summary>
sealed class VatTable(
    FrozenDictionary<(string Country, TaxClass Class), (LocalDate From, decimal Percent)[]> rates,
    FrozenDictionary<string, Regex> members,
    FrozenSet<string> countries)
{
    public static VatTable Read()
    {
        var rates = Rows("rates.txt").GroupBy(row => (row[0], ClassOf(row[1])), row => (Day(row[3]), Percent(row[2])));
        var members = Rows("members.txt").ToFrozenDictionary(row => row[0], row => NumberForm(prefix: row[1], rest: row[2]));
        return new VatTable(
            rates.ToFrozenDictionary(group => group.Key, group => group.OrderBy(rate => rate.Item1).ToArray()),
            members,
            Rows("countries.txt").SelectMany(row => row).ToFrozenSet());
    }

    public bool IsMember(string country) => members.ContainsKey(country);

    public bool IsCountry(string country) => countries.Contains(country);

    /// <summary>Whether anybody can sell from there.</summary>
    public bool HasRates(string country) => Has(country, TaxClass.Standard);

    public bool Has(string country, TaxClass taxClass) => rates.ContainsKey((country, taxClass));

    /// <summary>The rate of the class on the day; null if the table has none.</summary>
    public decimal? Rate(string country, TaxClass taxClass, LocalDate day)
    {
        var known = rates.GetValueOrDefault((country, taxClass), []);
        var at = Array.FindLastIndex(known, rate => rate.From <= day);
        return at >= 0 ? known[at].Percent : null;
    }

    /// <summary>Whether the number looks like one of the member state's.</summary>
    public bool HasForm(string member, string number)
    {
        var bare = string.Concat(number.Where(sign => !char.IsWhiteSpace(sign) && sign is not '.' and not '-'));
        return members[member].IsMatch(bare.ToUpperInvariant());
    }

    static IEnumerable<string[]> Rows(string resource)
    {
        using var stream = typeof(VatTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidDataException($"The plugin was built without {resource}.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
    }

    static Regex NumberForm(string prefix, string rest) => new($@"\A{prefix}(?:{rest})\z", RegexOptions.CultureInvariant);

    static TaxClass ClassOf(string name)
        => TaxClass.Find(name) ?? throw new InvalidDataException($"rates.txt has a tax class '{name}', which there is not.");

    static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;

    static decimal Percent(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A tax class that contracts may name.</summary>
sealed record TaxClass(string Name)
{
    public static TaxClass Standard { get; } = new("standard");

    public static TaxClass Reduced { get; } = new("reduced");

    public static TaxClass Exempt { get; } = new("exempt");

    public static TaxClass? Find(string name) => name switch
    {
        "standard" => Standard,
        "reduced" => Reduced,
        "exempt" => Exempt,
        _ => null,
    };
}
