using System.Threading.Channels;

namespace IspHost.Core.Work;

/// <summary>
/// While packets come, lets few of the jobs and events that are under way compute at once, so that packets find a processor free.
/// </summary>
/// <remarks>
/// Each that computes has a turn. The host cannot see whether a plugin computes or waits for a mail server, so a turn is short: whoever
/// takes longer is taken to wait, goes on, and lets the next one begin.
/// </remarks>
sealed class Turns
{
    /// <summary>For so long after packets have come, more are to be expected.</summary>
    static readonly TimeSpan Expected = TimeSpan.FromSeconds(5);

    readonly Channel<Turns> free = Channel.CreateUnbounded<Turns>();
    readonly TimeSpan longest;
    readonly TimeProvider time;
    long packetsAt;

    public Turns(DueOptions options, TimeProvider time)
    {
        (longest, this.time) = (options.LongestTurn, time);
        for (var i = 0; i < options.Turns; i++)
            GiveBack();
    }

    bool AreExpected => Volatile.Read(ref packetsAt) is not 0 and var at && time.GetElapsedTime(at) < Expected;

    /// <summary>Says that packets have come.</summary>
    public void PacketsCame() => Volatile.Write(ref packetsAt, time.GetTimestamp());

    /// <summary>Waits for a turn, if one is needed. Its disposal ends it.</summary>
    public async Task<IDisposable?> TakeAsync(CancellationToken stop)
    {
        if (!AreExpected)
            return null;
        await free.Reader.ReadAsync(stop);
        return new Turn(this);
    }

    void GiveBack() => free.Writer.TryWrite(this);

    sealed class Turn : IDisposable
    {
        readonly Turns turns;
        readonly ITimer timer;
        int isOver;

        public Turn(Turns turns)
        {
            this.turns = turns;
            timer = turns.time.CreateTimer(_ => End(), state: null, turns.longest, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            timer.Dispose();
            End();
        }

        void End()
        {
            if (Interlocked.Exchange(ref isOver, 1) == 0)
                turns.GiveBack();
        }
    }
}
