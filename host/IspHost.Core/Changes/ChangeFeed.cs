using IspHost.Core.Loops;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Changes;

/// <summary>Tells snapshots in memory which rows have changed, on any node.</summary>
/// <remarks>
/// PostgreSQL announces that something has changed; what it was stands in <c>host.change</c>, and is read from where the last reading
/// ended. So nothing is lost with a connection, and one announcement serves a whole import. A connection that brings nothing is asked
/// whether it is still one, since a peer that vanished without a word would otherwise leave memory old for hours.
/// </remarks>
public sealed class ChangeFeed(IDatabase database, DatabaseLife life, TimeProvider time, ILogger<ChangeFeed> log) : BackgroundService
{
    /// <summary>Announcements of so long are read together.</summary>
    static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);
    static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    readonly List<Func<Change, CancellationToken, Task>> listeners = [];
    readonly List<ChangeLane> lanes = [];
    readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    ChangeLog? changes;

    /// <summary>Ends once changes are being followed.</summary>
    public Task Listening => listening.Task;

    /// <summary>Whether they are being followed now.</summary>
    public bool IsListening { get; private set; }

    /// <summary>How many changed rows wait to be read.</summary>
    public int Waiting => lanes.Sum(lane => lane.Count);

    /// <summary>How many of each subject wait, and for how long it has not been read to its end.</summary>
    internal IEnumerable<(string Subject, int Waiting, TimeSpan Behind)> Lag
        => lanes.Select(lane => (lane.Subject, lane.Count, lane.Behind));

    /// <summary>How long ago the log of changes was read.</summary>
    internal TimeSpan Age => changes?.Age ?? TimeSpan.Zero;

    /// <summary>Adds a listener to announcements, before the host starts. It must not wait: all announcements come through it.</summary>
    public void Add(Func<Change, CancellationToken, Task> listener) => listeners.Add(listener);

    /// <summary>Has a snapshot follow the rows of a subject, before the host starts.</summary>
    /// <param name="subject">As <c>host.change</c> names it.</param>
    /// <param name="atOnce">How many pages may be read at once; above one, the reader has to see to the order.</param>
    /// <param name="follow">Reads the rows again. What it throws is logged, and the same rows come again.</param>
    public void Follow(string subject, int atOnce, Func<ChangedRows, CancellationToken, Task> follow)
        => lanes.Add(new ChangeLane(subject, atOnce, follow, time, log));

    /// <summary>From here on nothing is missed. What is read of the database afterwards is brought up to date by the feed.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(cancellationToken);
        changes = await ChangeLog.BeginAsync(connection, time, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        => await Task.WhenAll([
            new Endless("Following changes", LongestPause, time, log).RunAsync(ListenAsync, stoppingToken),
            .. lanes.Select(lane => lane.RunAsync(stoppingToken))]);

    /// <inheritdoc/>
    public override void Dispose()
    {
        lanes.ForEach(lane => lane.Dispose());
        base.Dispose();
    }

    async Task ListenAsync(CancellationToken stop)
    {
        await using var connection = await database.Connections.OpenConnectionAsync(stop);
        try
        {
            await ListenAsync(connection, stop);
        }
        finally
        {
            IsListening = false;
        }
    }

    async Task ListenAsync(NpgsqlConnection connection, CancellationToken stop)
    {
        var isChanged = false;
        var announced = new Queue<Change>();
        connection.Notification += (_, notification) =>
        {
            if (notification.Payload == "change")
                isChanged = true;
            else
                announced.Enqueue(Change.Parse(notification.Payload));
        };
        await using (var command = new NpgsqlCommand("listen isphost", connection))
            await command.ExecuteNonQueryAsync(stop);

        await CatchUpAsync(connection, isConnected: true, stop);
        IsListening = true;
        listening.TrySetResult();
        while (true)
        {
            // What has been announced during a reading may be newer than the reading.
            var isSilent = !isChanged && announced.Count == 0 && !await connection.WaitAsync(LongestSilence, stop);
            while (announced.TryDequeue(out var change))
                await TellAsync(change, stop);
            if (isChanged)
                await Task.Delay(Gathering, time, stop);
            if (!isChanged && !isSilent)
                continue;
            isChanged = false;
            await CatchUpAsync(connection, isConnected: false, stop);
        }
    }

    /// <summary>Hands on what has changed since the last reading, or all if that cannot be known.</summary>
    async Task CatchUpAsync(NpgsqlConnection connection, bool isConnected, CancellationToken stop)
    {
        changes ??= await ChangeLog.BeginAsync(connection, time, stop);
        if (isConnected && !await changes.IsContinuedAsync(connection, stop))
        {
            life.BeginAnew();
            changes = await ChangeLog.BeginAsync(connection, time, stop);
            log.LogWarning("What has changed meanwhile cannot be known, so all of memory is read again");
            lanes.ForEach(lane => lane.Add(default, null));
            return;
        }
        foreach (var (subject, tenant, id) in await changes.ReadAsync(connection, stop))
            lanes.Find(lane => lane.Subject == subject)?.Add(tenant, id);
    }

    async Task TellAsync(Change change, CancellationToken stop)
    {
        foreach (var listener in listeners)
            await listener(change, stop);
    }
}

/// <summary>Something has been announced.</summary>
/// <param name="Subject">What: <c>outbox</c>.</param>
/// <param name="Tenant">Whose; default if it belongs to none.</param>
/// <param name="Id">Which one, if the subject has an identity.</param>
public readonly record struct Change(string Subject, TenantId Tenant, Guid? Id)
{
    /// <summary>Whether a listener for this subject has to look.</summary>
    public bool Concerns(string subject) => Subject == subject;

    internal static Change Parse(string payload)
    {
        var parts = payload.Split(' ');
        return new Change(
            parts[0],
            parts.Length > 1 && TenantId.TryParse(parts[1], null, out var tenant) ? tenant : default,
            parts.Length > 2 && Guid.TryParse(parts[2], out var id) ? id : null);
    }
}
