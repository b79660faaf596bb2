using IspHost.Core.Work;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Imports;

/// <summary>Leads imports to their end, a part at a time. One that leaves more to do goes behind those of other tenants.</summary>
sealed partial class ImportWork(SubscriberImports imports, Turns turns, ILogger<ImportWork> log) : IDueWork
{
    /// <summary>Parts keep a processor and the database busy, so few at a time: an import is to be done soon, not at once.</summary>
    const int AtOnce = 2;

    static readonly Lane Subscribers = new("import", "host", "subscribers");

    readonly Places places = new(AtOnce);

    public IEnumerable<(Lane Lane, Places Places)> Lanes => [(Subscribers, places)];

    public async Task<bool> DoAsync(DueItem item, CancellationToken stop)
    {
        var import = Guid.Parse(item.Id);
        using var turn = await turns.TakeAsync(stop);
        try
        {
            return await imports.GoOnAsync(item.Tenant, import, stop);
        }
        catch (Exception cause) when (!stop.IsCancellationRequested) // It is shown and tried again: a key may come back, a disk be emptied.
        {
            Failed(log, cause, import, item.Tenant.Value);
            await imports.FailedAsync(item.Tenant, import, cause.Message, CancellationToken.None);
            return true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A part of import {Import} of tenant {Tenant} failed and will be tried again")]
    static partial void Failed(ILogger log, Exception cause, Guid import, Guid tenant);
}
