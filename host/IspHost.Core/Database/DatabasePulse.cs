using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Knows within three seconds that the database has stopped to answer, and that it answers again.</summary>
/// <remarks>
/// A statement may rightly take longer than anybody wants to wait for a database that hangs, so a time-out of statements cannot tell one
/// from the other. A question that takes no time can. It has a connection of its own: a pool that is full is not a database that hangs.
/// </remarks>
sealed class DatabasePulse(HostConnections database, TimeProvider time, ILogger<DatabasePulse> log) : BackgroundService
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

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
                Lose(cause.Message);
            }
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    async Task ListenAsync(CancellationToken stop)
    {
        var settings = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Pooling = false,
            ApplicationName = "isphost pulse",
            Timeout = (int)Patience.TotalSeconds,
            // What does not answer is not asked to stop, either.
            CommandTimeout = 0,
        };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(stop);
            while (true)
            {
                await using var question = new NpgsqlCommand("select", connection);
                await question.ExecuteNonQueryAsync(CancellationToken.None).WaitAsync(Patience, time, stop);
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

    void Lose(string cause)
    {
        if (!isAway)
            log.LogWarning("The database does not answer; requests are refused until it does: {Cause}", cause);
        isAway = true;
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
