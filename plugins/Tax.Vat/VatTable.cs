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
        var rates = Rows("rates.txt").GroupBy(row => (row[0], TaxClass.Of(row[1])), row => (Day(row[3]), Percent(row[2])));
        var members = Rows("members.txt").ToFrozenDictionary(row => row[0], row => NumberForm(prefix: row[1], rest: row[2]));
        return new VatTable(
            rates.ToFrozenDictionary(group => group.Key, group => group.OrderBy(rate => rate.Item1).ToArray()),
            members,
            Rows("countries.txt").SelectMany(row => row).ToFrozenSet());
    }

    public bool IsMember(string country) => members.ContainsKey(country);

    /// <summary>The rate of the class on the day.</summary>
    /// <exception cref="NotSupportedException">The table has none, and no rate is made up.</exception>
    public decimal Rate(string country, TaxClass taxClass, LocalDate day)
    {
        if (!rates.TryGetValue((country, taxClass), out var known))
            throw new NotSupportedException($"There is no VAT rate of class '{taxClass.Name}' for country '{country}'.");
        var at = Array.FindLastIndex(known, rate => rate.From <= day);
        return at >= 0
            ? known[at].Percent
            : throw new NotSupportedException($"There is no VAT rate of class '{taxClass.Name}' for country '{country}' on {day:R}.");
    }

    public void RequireSeller(string country)
    {
        if (!rates.ContainsKey((country, TaxClass.Standard)))
            throw new NotSupportedException($"There are no VAT rates for a seller in country '{country}'.");
    }

    public void RequireCountry(string country)
    {
        if (!countries.Contains(country))
            throw new NotSupportedException($"The buyer's country '{country}' is not a country of ISO 3166.");
    }

    /// <summary>A mistyped number is not silently the number of a consumer, nor of a business: somebody must look at it.</summary>
    public void RequireVatNumber(string member, string number)
    {
        var bare = string.Concat(number.Where(sign => !char.IsWhiteSpace(sign) && sign is not '.' and not '-'));
        if (!members[member].IsMatch(bare.ToUpperInvariant()))
            throw new NotSupportedException($"'{number}' does not have the form of a VAT number of country '{member}'.");
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

    static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).Value;

    static decimal Percent(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>A tax class that contracts may name.</summary>
sealed record TaxClass(string Name)
{
    public static TaxClass Standard { get; } = new("standard");

    public static TaxClass Reduced { get; } = new("reduced");

    public static TaxClass Exempt { get; } = new("exempt");

    /// <exception cref="NotSupportedException">There is no such class: it may have to bear tax, so it is an error.</exception>
    public static TaxClass Of(string name)
        => new[] { Standard, Reduced, Exempt }.FirstOrDefault(known => known.Name == name)
            ?? throw new NotSupportedException($"There is no tax class '{name}': VAT knows standard, reduced and exempt.");
}
