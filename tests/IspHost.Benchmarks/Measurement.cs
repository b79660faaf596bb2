using System.Diagnostics;

namespace IspHost.Benchmarks;

/// <summary>A way to do some work, which says how long the part took that counts.</summary>
sealed record Way(string Name, Func<Task<TimeSpan>> RunAsync);

/// <summary>Measures several ways to do the same work in turn, so that whatever disturbs the machine disturbs them alike.</summary>
static class Measurement
{
    /// <param name="warmUps">Rounds that do not count: code is compiled, connections are opened, statements are prepared.</param>
    /// <param name="runs">Rounds that count.</param>
    /// <param name="ways">What is measured first, its baseline second, then whatever else is worth knowing.</param>
    /// <returns>The times of each way, in the order of the rounds.</returns>
    public static async Task<TimeSpan[][]> InTurnAsync(int warmUps, int runs, params Way[] ways)
    {
        var times = ways.Select(_ => new TimeSpan[runs]).ToArray();
        for (var round = -warmUps; round < runs; round++)
        {
            for (var i = 0; i < ways.Length; i++)
            {
                var time = await ways[i].RunAsync();
                var counted = round < 0 ? "warm-up" : $"round {round + 1}/{runs}";
                Console.Error.WriteLine($"{counted}: {ways[i].Name} {time.TotalMilliseconds:0.000} ms");
                if (round >= 0)
                    times[i][round] = time;
            }
        }
        return times;
    }

    public static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        // Rubbish of whoever ran before is not this one's.
        GC.Collect();
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start);
    }

    public static TimeSpan Time(Action work)
    {
        GC.Collect();
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start);
    }
}
