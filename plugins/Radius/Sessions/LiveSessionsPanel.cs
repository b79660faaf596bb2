using IspHost.Plugins.Radius.Accounting;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Tenants;
using NodaTime.Text;

namespace IspHost.Plugins.Radius.Sessions;

/// <summary>How many are online at each tenant, and who came last.</summary>
sealed class LiveSessionsPanel(ITenants tenants, LiveSessions sessions, StaleRule stale) : IPanel
{
    const int MaxRows = 50;
    const int RowsOfTenant = 5;

    static readonly OffsetDateTimePattern Time = OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss o<g>");

    public async ValueTask<Panel> ReadAsync(CancellationToken cancellationToken)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var tenant in tenants.All)
        {
            if (rows.Count >= MaxRows)
                break;
            var count = await sessions.CountAsync(tenant.Id, cancellationToken);
            rows.Add([tenant.Code, $"{count}", "", "", "", "", ""]);
            foreach (var session in await sessions.ListAsync(tenant.Id, user: null, before: null, RowsOfTenant, cancellationToken))
                rows.Add(Row(tenant, session));
        }
        return new Panel
        {
            Title = "Live sessions",
            Columns = ["Tenant", "Online", "User", "Address", "Since", "Up", "Down"],
            Rows = [.. rows.Take(MaxRows)],
        };
    }

    IReadOnlyList<string> Row(Tenant tenant, Session session)
    {
        var isStale = session.LastAt < stale.Before(tenant.Id, session.Subscription);
        return
        [
            tenant.Code,
            "",
            session.Key.UserName + (isStale ? " (stale)" : ""),
            session.FramedAddress?.ToString() ?? "",
            Time.Format(session.StartedAt.InZone(tenant.Zone).ToOffsetDateTime()),
            $"{session.Up.Octets} B",
            $"{session.Down.Octets} B",
        ];
    }
}
