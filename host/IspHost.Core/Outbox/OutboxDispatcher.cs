using IspHost.Core.Changes;
using IspHost.Core.Tenancy;
using IspHost.Core.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Outbox;

/// <summary>Delivers events to the plugins' handlers. All nodes share the work.</summary>
sealed partial class OutboxDispatcher : BackgroundService
{
    const int SpreadAtOnce = 500;

    readonly TenantSql sql;
    readonly OutboxRows rows;
    readonly IPluginWork plugins;
    readonly OutboxOptions options;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly TenantQueue fresh = new();
    readonly Lanes lanes;
    bool isWrittenDown;

    public OutboxDispatcher(
        TenantSql sql, OutboxRows rows, IPluginWork plugins, ChangeFeed feed, OutboxOptions options, TimeProvider time,
        ILogger<OutboxDispatcher> log)
    {
        (this.sql, this.rows, this.plugins, this.options, this.time, this.log) = (sql, rows, plugins, options, time, log);
        lanes = new Lanes(rows, options, log);
        feed.Add(OnChangeAsync);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweep = new Sweep("events", options.SweepEvery, time, log).RunAsync(PassAsync, stoppingToken);
        try
        {
            await Task.WhenAll(sweep, SpreadAsync(stoppingToken));
        }
        finally
        {
            await lanes.EndAsync();
        }
    }

    /// <summary>A change that names no tenant means that announcements may have been lost: the next pass finds what they said.</summary>
    Task OnChangeAsync(Change change, CancellationToken stop)
    {
        if (change.Concerns("outbox") && change.Tenant != default)
            fresh.Add(change.Tenant);
        return Task.CompletedTask;
    }

    async Task PassAsync(CancellationToken stop)
    {
        foreach (var tenant in await sql.TenantsAsync("select host.tenants_with_events()", stop))
        {
            await rows.AbandonAsync(tenant, options.GiveUpAfter, stop);
            fresh.Add(tenant);
        }
    }

    async Task SpreadAsync(CancellationToken stop)
    {
        while (true)
        {
            var tenant = await fresh.TakeAsync(stop);
            try
            {
                await AdoptAsync(stop);
                while (await rows.SpreadAsync(tenant, SpreadAtOnce, stop) == SpreadAtOnce)
                    lanes.Nudge(tenant);
                lanes.Nudge(tenant);
            }
            catch (Exception cause) when (!stop.IsCancellationRequested) // Database away: the next pass finds the same events.
            {
                Failed(log, cause, tenant.Value);
            }
        }
    }

    /// <summary>Handlers come and go with plugins. A new one is written down before any event is spread.</summary>
    async Task AdoptAsync(CancellationToken stop)
    {
        var subscribers = plugins.Subscribers;
        if (!isWrittenDown | lanes.Adopt(subscribers, stop))
        {
            isWrittenDown = false;
            await rows.SubscribeAsync(subscribers, stop);
            isWrittenDown = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Spreading events of tenant {Tenant} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, Guid tenant);
}
