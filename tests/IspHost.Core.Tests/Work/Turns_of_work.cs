using IspHost.Core.Work;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.Core.Tests.Work;

public sealed class Turns_of_work
{
    static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(500);

    readonly FakeTimeProvider time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Need_not_be_waited_for_while_no_packets_come()
    {
        var turns = Turns(1);
        using var only = await turns.TakeAsync(Stop);
        using var waiting = new CancellationTokenSource();
        Assert.False(turns.TakeAsync(waiting.Token).IsCompleted);
        await waiting.CancelAsync();
        turns.PacketsCame();

        time.Advance(TimeSpan.FromSeconds(5));

        Assert.Null(await turns.TakeAsync(Stop));
        Assert.Null(await turns.TakeAsync(Stop));
    }

    [Fact]
    public async Task Are_as_many_as_were_said()
    {
        var turns = Turns(2);
        using var first = await turns.TakeAsync(Stop);
        using var second = await turns.TakeAsync(Stop);

        var third = turns.TakeAsync(Stop);

        Assert.False(third.IsCompleted);
        second!.Dispose();
        (await third)!.Dispose();
    }

    [Fact]
    public async Task Go_to_the_next_when_somebody_takes_long()
    {
        var turns = Turns(1);
        using var hanging = await turns.TakeAsync(Stop);
        var next = turns.TakeAsync(Stop);

        time.Advance(Longest - TimeSpan.FromMilliseconds(1));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));

        (await next)!.Dispose();
    }

    [Fact]
    public async Task Are_given_back_once_by_one_who_took_long()
    {
        var turns = Turns(1);
        var late = await turns.TakeAsync(Stop);
        time.Advance(Longest);
        using var next = await turns.TakeAsync(Stop);

        late!.Dispose();
        late.Dispose();

        Assert.False(turns.TakeAsync(Stop).IsCompleted);
    }

    [Fact]
    public async Task Are_not_lost_to_one_who_does_not_wait_for_theirs()
    {
        var turns = Turns(1);
        using var leaving = new CancellationTokenSource();
        var taken = await turns.TakeAsync(Stop);
        var waiting = turns.TakeAsync(leaving.Token);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        taken!.Dispose();
        (await turns.TakeAsync(Stop))!.Dispose();
    }

    Turns Turns(int count)
    {
        var turns = new Turns(new DueOptions { Turns = count, LongestTurn = Longest }, time);
        turns.PacketsCame();
        return turns;
    }
}
