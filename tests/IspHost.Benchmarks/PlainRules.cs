using IspHost.Sdk.Rating;

namespace IspHost.Benchmarks;

/// <summary>What the samples in samples/pricing-scripts say, as a C# programmer would write it without any sandbox.</summary>
static class PlainRules
{
    public static IReadOnlyList<(string Script, Func<RatingItem, Charge> Rule)> All { get; } =
        [("fair-use", FairUse), ("family-bundle", FamilyBundle), ("night-free", NightFree)];

    static Charge FairUse(RatingItem item)
    {
        const decimal included = 100m, full = 400m;

        var beyond = Math.Max(0m, item.Quantity - included);
        var atFullRate = Math.Min(beyond, full);
        var atHalfRate = beyond - atFullRate;

        return Math.Round(atFullRate * item.Rate + atHalfRate * item.Rate / 2m, 2, MidpointRounding.AwayFromZero);
    }

    static Charge FamilyBundle(RatingItem item)
    {
        var account = item.Account;
        var percent = account.Lines switch
        {
            >= 5 => 20m,
            >= 3 => 10m,
            _ => 0m,
        };
        if (account.Products.Contains("tv-start")
            && account.Products.Any(product => product.StartsWith("fiber-", StringComparison.Ordinal)))
            percent += 5m;

        var price = Math.Round(item.Quantity * item.Rate * (1m - percent / 100m), 2, MidpointRounding.AwayFromZero);
        return new Charge(price, [$"{item.Quantity} GB at {item.Rate} {item.Currency}, less {percent} % for {account.Lines} services"]);
    }

    static Charge NightFree(RatingItem item)
    {
        static bool IsNight(DateTimeOffset at) => at.TimeOfDay < new TimeSpan(6, 0, 0);

        var data = item.Usage.Where(entry => entry.Kind == "data").ToList();
        var total = data.Sum(entry => entry.Gigabytes);
        var day = data.Where(entry => !IsNight(entry.LocalStart)).Sum(entry => entry.Gigabytes);

        return new Charge(
            Math.Round(day * item.Rate, 2, MidpointRounding.AwayFromZero),
            [$"{day} GB by day at {item.Rate} {item.Currency}", $"{total - day} GB by night, free"]);
    }
}
