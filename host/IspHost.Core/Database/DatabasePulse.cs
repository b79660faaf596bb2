using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Knows within three seconds that the database hangs, and ends what waits for it; and knows when it answers again.</summary>
/// <remarks>
/// A statement may rightly take longer than anybody wants to wait for a database that hangs, so a time-out of statements cannot tell one
/// from the other. A question that takes no time can.
/// </remarks>
sealed class DatabasePulse(HostConnections database, TimeProvider time, ILogger<DatabasePulse> log) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(250);

    volatile bool isAway;

    /// <summary>Whether the database does not answer.</summary>
    public bool IsAway => isAway;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception cause) when (!stoppingToken.IsCancellationRequested) // A host's name that is not found is none of Npgsql's.
            {
                Lose(cause);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    async Task ListenAsync(CancellationToken stop)
    {
        var connection = await database.Watch.OpenConnectionAsync(stop);
        try
        {
            while (true)
            {
                await using var question = new NpgsqlCommand("select", connection);
                await HearAsync(question.ExecuteNonQueryAsync(CancellationToken.None), stop);
                Find();
                await Task.Delay(Interval, time, stop);
            }
        }
        finally
        {
            // Not awaited: to close it asks the database that does not answer.
            _ = connection.DisposeAsync().AsTask();
        }
    }

    /// <summary>Waits in steps: a node that was stopped itself for a while does not take its own silence for the database's.</summary>
    async Task HearAsync(Task answer, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited < Patience; waited += Step)
        {
            if (await Task.WhenAny(answer, Task.Delay(Step, time, stop)) == answer)
            {
                await answer;
                return;
            }
            stop.ThrowIfCancellationRequested();
        }
        throw new TimeoutException($"It has said nothing for {Patience.TotalSeconds} s.");
    }

    /// <summary>A database that says no or is gone has ended what waited for it; one that is silent has not.</summary>
    void Lose(Exception cause)
    {
        if (!isAway)
            log.LogWarning("The database does not answer; requests are refused until it does: {Cause}", cause.Message);
        isAway = true;
        if (cause is TimeoutException || cause.InnerException is TimeoutException)
            database.Break();
    }

    void Find()
    {
        if (!isAway)
            return;
        log.LogInformation("The database answers again");
        database.Clear();
        isAway = false;
    }
}
