using System.Globalization;
using System.Text.Json.Nodes;

namespace IspHost.Benchmarks;

/// <summary>What came of a comparison: medians, and the spread of the ratio from round to round.</summary>
/// <param name="name">What was measured.</param>
/// <param name="unit">Of all values: a time, then of what.</param>
/// <param name="baselineName">What it was compared with.</param>
/// <param name="times">Of ours, of the baseline, and of others, as <see cref="Measurement.InTurnAsync"/> gives them.</param>
/// <param name="inUnit">A time of one round in the unit.</param>
sealed class Result(string name, string unit, string baselineName, TimeSpan[][] times, Func<TimeSpan, double> inUnit)
{
    readonly JsonObject more = [];

    public double Value { get; } = Median(times[0].Select(inUnit));

    public double Baseline { get; } = Median(times[1].Select(inUnit));

    /// <summary>The median of another way.</summary>
    public double Other(int way) => Median(times[way].Select(inUnit));

    /// <summary>Adds what a reader must know to judge the figures.</summary>
    public Result With(string key, JsonNode value)
    {
        more[key] = value;
        return this;
    }

    /// <summary>Adds the most that the value may be by the design.</summary>
    public Result Within(double most) => With("target", Rounded(most)).With("within_target", Value <= most);

    public string ToJson()
    {
        var ratios = times[0].Zip(times[1], (ours, baseline) => ours / baseline).ToList();
        var json = new JsonObject
        {
            ["name"] = name,
            ["unit"] = unit,
            ["value"] = Rounded(Value),
            ["baseline_name"] = baselineName,
            ["baseline"] = Rounded(Baseline),
            ["ratio"] = Rounded(Value / Baseline),
            ["ratio_min"] = Rounded(ratios.Min()),
            ["ratio_max"] = Rounded(ratios.Max()),
            ["better"] = "lower",
            ["runs"] = times[0].Length,
        };
        foreach (var (key, value) in more)
            json[key] = value?.DeepClone();
        return json.ToJsonString();
    }

    public static JsonNode Rounded(double value)
        => double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
