using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Database;

/// <summary>Tells snapshots in memory which rows have changed, from any node.</summary>
/// <remarks>
/// PostgreSQL announces a change when its transaction commits. Announcements made while the connection was down are lost, so after
/// each connect everything counts as changed; and a connection that brings nothing is asked whether it is still one, since a peer
/// that vanished without a word would otherwise leave memory old for hours.
/// </remarks>
public sealed class ChangeFeed(IDatabase database, ILogger<ChangeFeed> log) : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);
    const int PatienceSeconds = 5;

    readonly List<Func<Change, CancellationToken, Task>> listeners = [];
    readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends once announcements are being received.</summary>
    public Task Listening => listening.Task;

    /// <summary>Whether they are being received now.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Adds a listener, before the host starts. Listeners are called one after the other, for one change at a time.</summary>
    public void Add(Func<Change, CancellationToken, Task> listener) => listeners.Add(listener);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception cause) when (cause is NpgsqlException or TimeoutException or IOException)
            {
                IsListening = false;
                log.LogWarning(cause, "The change feed lost its connection and will connect again");
                await Task.Delay(Pause, stoppingToken);
            }
        }
    }

    async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        var announced = new Queue<Change>();
        connection.Notification += (_, notification) => announced.Enqueue(Change.Parse(notification.Payload));
        await using (var command = new NpgsqlCommand("listen isphost", connection))
            await command.ExecuteNonQueryAsync(stop);

        await TellAsync(Change.Everything, stop);
        IsListening = true;
        listening.TrySetResult();
        while (true)
        {
            if (!await connection.WaitAsync(LongestSilence, stop))
                await AskAsync(connection, stop);
            while (announced.TryDequeue(out var change))
                await TellAsync(change, stop);
        }
    }

    static async Task AskAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        await using var question = new NpgsqlCommand("select", connection) { CommandTimeout = PatienceSeconds };
        await question.ExecuteNonQueryAsync(stop);
    }

    async Task TellAsync(Change change, CancellationToken stop)
    {
        foreach (var listener in listeners)
            await listener(change, stop);
    }
}

/// <summary>A row has changed.</summary>
/// <param name="Subject">What: <c>tenant</c>, <c>nas_device</c>, <c>subscriber</c>, <c>outbox</c> or <c>feature_flag</c>; empty:
/// all.</param>
/// <param name="Tenant">Whose; default if it belongs to none.</param>
/// <param name="Id">Which one, if the subject has an identity.</param>
public readonly record struct Change(string Subject, TenantId Tenant, Guid? Id)
{
    /// <summary>Anything may have changed: read all again.</summary>
    public static Change Everything { get; } = new("", default, null);

    /// <summary>Whether a listener for this subject has to look.</summary>
    public bool Concerns(string subject) => Subject.Length == 0 || Subject == subject;

    internal static Change Parse(string payload)
    {
        var parts = payload.Split(' ');
        return new Change(
            parts[0],
            parts.Length > 1 && TenantId.TryParse(parts[1], null, out var tenant) ? tenant : default,
            parts.Length > 2 && Guid.TryParse(parts[2], out var id) ? id : null);
    }
}
