using System.Globalization;

namespace IspHost.Core.Changes;

/// <summary>A point in the life of the database, by what a reading could see: the later of two saw all that the earlier saw.</summary>
/// <remarks>
/// PostgreSQL's snapshots of transactions come in one order, so that the text of a snapshot tells which of two readings is the newer
/// one. It costs no column, no trigger and no lock, and it orders readings that found nothing, too.
/// </remarks>
/// <param name="Life">Grows when the database has become another one, such as a copy that was behind.</param>
/// <param name="End">The first transaction that had not ended, nor had any after it.</param>
/// <param name="Open">How many before it had not ended.</param>
readonly record struct Moment(int Life, ulong End, int Open) : IComparable<Moment>
{
    /// <summary>Reads <c>pg_current_snapshot()</c>: the oldest that is open, the end, and what is open between them.</summary>
    public static Moment Of(int life, string snapshot)
    {
        var end = snapshot.IndexOf(':', StringComparison.Ordinal) + 1;
        var open = snapshot.IndexOf(':', end);
        var list = snapshot.AsSpan(open + 1);
        return new Moment(
            life, ulong.Parse(snapshot.AsSpan(end, open - end), CultureInfo.InvariantCulture), list.IsEmpty ? 0 : list.Count(',') + 1);
    }

    public int CompareTo(Moment other)
        => Life != other.Life ? Life.CompareTo(other.Life)
            : End != other.End ? End.CompareTo(other.End)
            : other.Open.CompareTo(Open);

    public static bool operator <(Moment left, Moment right) => left.CompareTo(right) < 0;
    public static bool operator >(Moment left, Moment right) => left.CompareTo(right) > 0;
    public static bool operator <=(Moment left, Moment right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Moment left, Moment right) => left.CompareTo(right) >= 0;
}
