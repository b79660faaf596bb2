using System.Collections.Immutable;
using System.Globalization;
using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace IspHost.Sdk.Testing.Tests;

/// <summary>Runs the golden cases of samples/pricing-scripts as plain C#. That the host accepts them is for the host's tests.</summary>
public sealed class PricingScriptTests
{
    static readonly ScriptOptions Options = ScriptOptions.Default
        .WithReferences(typeof(object).Assembly, typeof(Enumerable).Assembly, typeof(ImmutableArray).Assembly, typeof(RatingItem).Assembly)
        .WithImports("System", "System.Linq", "System.Collections.Generic", "System.Globalization", "IspHost.Sdk.Rating");

    static string Folder => Repository.PathOf("samples/pricing-scripts");

    public static TheoryData<string> Cases
        => [.. File.ReadLines(Path.Combine(Folder, "cases.txt")).Where(line => line.Length > 0 && line[0] != '#')];

    [Theory, MemberData(nameof(Cases))]
    public async Task A_script_answers_as_its_golden_case_says(string line)
    {
        var sides = line.Split("->", StringSplitOptions.TrimEntries);
        var words = sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var source = await File.ReadAllTextAsync(Path.Combine(Folder, $"{words[0]}.csx"), TestContext.Current.CancellationToken);

        var charge = await CSharpScript.EvaluateAsync<Charge>(
            source, Options, ItemOf(words[1..]), typeof(RatingItem), TestContext.Current.CancellationToken);

        var expected = sides[1].Split(" | ");
        Assert.Equal(decimal.Parse(expected[0], CultureInfo.InvariantCulture), charge.Amount);
        Assert.Equal(expected[1..], charge.Lines);
    }

    [Fact]
    public void Each_script_has_golden_cases()
    {
        var cases = Cases.Select(row => row.Data.Split(' ')[0]).ToHashSet();
        Assert.All(Directory.GetFiles(Folder, "*.csx"), file => Assert.Contains(Path.GetFileNameWithoutExtension(file), cases));
    }

    static RatingItem ItemOf(IEnumerable<string> words)
    {
        var inputs = words.Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new RatingItem
        {
            Quantity = decimal.Parse(inputs["quantity"], CultureInfo.InvariantCulture),
            Rate = decimal.Parse(inputs["rate"], CultureInfo.InvariantCulture),
            Currency = "EUR",
            Account = new RatedAccount
            {
                Id = "TEST-0000001-0",
                Segment = "residential",
                ActiveSince = new DateOnly(2019, 2, 28),
                Lines = int.Parse(inputs.GetValueOrDefault("lines", "1"), CultureInfo.InvariantCulture),
                Products = [.. inputs.GetValueOrDefault("products", "").Split(',')],
            },
            Period = new RatedPeriod(new DateOnly(2026, 10, 1), new DateOnly(2026, 11, 1)),
            Usage = inputs.TryGetValue("usage", out var usage) ? [.. usage.Split(';').Select(EntryOf)] : [],
        };
    }

    static UsageEntry EntryOf(string text)
    {
        var parts = text.Split('/');
        return new UsageEntry(
            DateTimeOffset.ParseExact(parts[0], "yyyy-MM-ddTHH:mmzzz", CultureInfo.InvariantCulture), "data", "", 0,
            decimal.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
