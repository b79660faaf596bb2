using System.Collections.Immutable;
using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;

namespace IspHost.Scripting.Workers;

/// <summary>Writes of each item what the script names.</summary>
static class ItemWriter
{
    /// <summary>About how many bytes an item takes.</summary>
    public static int Estimate(RatingItem item, ItemMembers members)
    {
        var bytes = 64;
        if (members.HasFlag(ItemMembers.Account))
            bytes += 200 + Estimate(item.Account.Products) + Estimate(item.Account.Tags);
        if (members.HasFlag(ItemMembers.Usage))
            foreach (var entry in item.Usage)
                bytes += ItemLayout.LeastUsageBytes + (entry.Kind.Length + entry.Destination.Length) * 2;
        return bytes;
    }

    static int Estimate(ImmutableArray<string> texts)
    {
        var bytes = 0;
        foreach (var text in texts)
            bytes += 4 + text.Length * 2;
        return bytes;
    }

    public static void Write(WireWriter frame, RatingItem item, ItemMembers members)
    {
        if (members.HasFlag(ItemMembers.Quantity))
            frame.Decimal(item.Quantity);
        if (members.HasFlag(ItemMembers.Rate))
            frame.Decimal(item.Rate);
        if (members.HasFlag(ItemMembers.Currency))
            frame.Text(item.Currency);
        if (members.HasFlag(ItemMembers.Account))
            Account(frame, item.Account);
        if (members.HasFlag(ItemMembers.Period))
        {
            frame.Int32(item.Period.Start.DayNumber);
            frame.Int32(item.Period.End.DayNumber);
        }

        if (members.HasFlag(ItemMembers.Plan))
            frame.Text(item.Plan);
        if (members.HasFlag(ItemMembers.Usage))
            Usage(frame, item.Usage);
    }

    static void Account(WireWriter frame, RatedAccount account)
    {
        frame.Text(account.Id);
        frame.Text(account.Segment);
        frame.Int32(account.ActiveSince.DayNumber);
        frame.Int32(account.Lines);
        Texts(frame, account.Products);
        Texts(frame, account.Tags);
    }

    static void Texts(WireWriter frame, ImmutableArray<string> texts)
    {
        frame.Int32(texts.Length);
        foreach (var text in texts)
            frame.Text(text);
    }

    static void Usage(WireWriter frame, ImmutableArray<UsageEntry> usage)
    {
        frame.Int32(usage.Length);
        foreach (var entry in usage)
        {
            frame.Int64(entry.LocalStart.Ticks);
            frame.Int16((short)entry.LocalStart.TotalOffsetMinutes);
            frame.Text(entry.Kind);
            frame.Text(entry.Destination);
            frame.Int64(entry.Seconds);
            frame.Decimal(entry.Gigabytes);
        }
    }
}
