using System.Threading.Channels;

namespace IspHost.Core.Work;

/// <summary>Lets few of the jobs and events that are under way compute at once, so that packets find a processor free.</summary>
/// <remarks>
/// Each that computes has a turn. The host cannot see whether a plugin computes or waits for a mail server, so a turn is short: whoever
/// takes longer is taken to wait, goes on, and lets the next one begin.
/// </remarks>
sealed class Turns
{
    readonly Channel<Turns> free = Channel.CreateUnbounded<Turns>();
    readonly TimeSpan longest;
    readonly TimeProvider time;

    public Turns(DueOptions options, TimeProvider time)
    {
        (longest, this.time) = (options.LongestTurn, time);
        for (var i = 0; i < options.Turns; i++)
            GiveBack();
    }

    /// <summary>Waits for a turn. Its disposal ends it.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken stop)
    {
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
