using System.Collections.Immutable;
using System.Runtime.InteropServices;
using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;

namespace IspHost.ScriptWorker.Run;

/// <summary>Rating items out of a batch. Members that the script does not name were not sent and stay empty.</summary>
sealed class ItemReader
{
    static readonly RatedAccount NoAccount = new() { Id = "", Segment = "", ActiveSince = default, Lines = 0 };

    readonly string[] texts = new string[256];

    public RatingItem Read(ref WireReader frame, ItemMembers members) => new()
    {
        Quantity = members.HasFlag(ItemMembers.Quantity) ? frame.Decimal() : 0m,
        Rate = members.HasFlag(ItemMembers.Rate) ? frame.Decimal() : 0m,
        Currency = members.HasFlag(ItemMembers.Currency) ? Text(ref frame) : "",
        Account = members.HasFlag(ItemMembers.Account) ? Account(ref frame) : NoAccount,
        Period = members.HasFlag(ItemMembers.Period) ? new(Day(ref frame), Day(ref frame)) : default,
        Plan = members.HasFlag(ItemMembers.Plan) ? Text(ref frame) : "",
        Usage = members.HasFlag(ItemMembers.Usage) ? Usage(ref frame) : [],
    };

    RatedAccount Account(ref WireReader frame) => new()
    {
        Id = frame.Text(),
        Segment = Text(ref frame),
        ActiveSince = Day(ref frame),
        Lines = frame.Int32(),
        Products = Texts(ref frame),
        Tags = Texts(ref frame),
    };

    ImmutableArray<UsageEntry> Usage(ref WireReader frame)
    {
        var entries = new UsageEntry[frame.Count(ItemLayout.LeastUsageBytes)];
        for (var i = 0; i < entries.Length; i++)
            entries[i] = new(Moment(ref frame), Text(ref frame), Text(ref frame), frame.Int64(), frame.Decimal());
        return ImmutableCollectionsMarshal.AsImmutableArray(entries);
    }

    ImmutableArray<string> Texts(ref WireReader frame)
    {
        var values = new string[frame.Count(4)];
        for (var i = 0; i < values.Length; i++)
            values[i] = Text(ref frame);
        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }

    /// <summary>Segments, plans and kinds come again and again: one copy of each serves many items.</summary>
    /// <remarks>Each text has one place, which the next text of that place takes: a real hash would cost more than a copy.</remarks>
    string Text(ref WireReader frame)
    {
        var characters = frame.Characters();
        if (characters.Length is 0 or > 32)
            return characters.ToString();
        ref var known = ref texts[(characters.Length * 31 + characters[0] * 7 + characters[^1]) % texts.Length];
        return characters.SequenceEqual(known) ? known : known = characters.ToString();
    }

    static DateOnly Day(ref WireReader frame) => DateOnly.FromDayNumber(frame.Int32());

    static DateTimeOffset Moment(ref WireReader frame) => new(frame.Int64(), new TimeSpan(0, frame.Int16(), 0));
}
