using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Server.Client;
using IspHost.Server.Commands;
using IspHost.Server.Serving;
using IspHost.Simulator;
using NodaTime;

namespace IspHost.Server.Demo;

/// <summary>Plays the last whole month of two providers against a running server.</summary>
sealed class DemoRun(ApiClient api, ServerPorts ports, DateRange month, IDateTimeZoneProvider zones, Action<string> say)
{
    /// <summary>Sets the providers up, plays the month, replaces the RADIUS plugin in its middle, and bills.</summary>
    /// <param name="output">Where the invoices' documents go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<DemoSummary> PlayAsync(string output, CancellationToken cancellationToken)
    {
        var players = new List<Player>();
        foreach (var isp in DemoIsp.Both)
        {
            var zone = zones[isp.Zone];
            await new DemoSetup(api).CreateAsync(isp, month.InZone(zone).Start, cancellationToken);
            players.Add(new Player(isp, zone, new SimulatedNas(isp.Nas, isp.Secret, ports.RadiusAuth, ports.RadiusAcct)));
            say($"{isp.Name}: {isp.Customers.Count} customers, {isp.Currency}, {isp.Zone}, usage priced by the script '{isp.ScriptName}'");
        }
        var upgrade = await PlayMonthAsync(players, cancellationToken);

        var tenants = new List<TenantSummary>();
        foreach (var player in players)
            tenants.Add(await BillAsync(player, output, cancellationToken));
        foreach (var player in players)
            player.Nas.Dispose();
        return new DemoSummary(tenants, upgrade with { LostPackets = players.Sum(player => player.Nas.Lost) });
    }

    async Task<UpgradeSummary> PlayMonthAsync(List<Player> players, CancellationToken cancellationToken)
    {
        UpgradeSummary? upgrade = null;
        for (var day = month.Start; day < month.End; day = day.PlusDays(1))
        {
            var playing = Task.WhenAll(players.Select(player => PlayDayAsync(player, day, cancellationToken)));
            if (day == month.Start.PlusDays(month.Days / 2))
                upgrade = await new DemoUpgrade(api).ReplaceWhileAsync("Radius", playing, cancellationToken);
            await playing;
            if (day.DayOfWeek == IsoDayOfWeek.Sunday || day == month.End.PlusDays(-1))
                Report(players, day);
        }
        say($"The RADIUS plugin went from {upgrade!.From} to {upgrade.To} under load: {upgrade.FailedCalls} failed calls, "
            + $"the old generation is {(upgrade.OldGenerationUnloaded ? "gone from memory" : "not seen to be gone from memory yet")}");
        return upgrade;
    }

    void Report(List<Player> players, LocalDate day)
        => say($"{day:R}: {players.Sum(player => player.Nas.Packets):N0} packets, "
            + $"{players.Sum(player => player.Nas.Bytes) / 1e9m:N1} GB, {players.Sum(player => player.Nas.Lost)} lost");

    /// <summary>The tenant's clock goes to the end of the day, and some hours into the next for sessions that pass midnight.</summary>
    async Task PlayDayAsync(Player player, LocalDate day, CancellationToken cancellationToken)
    {
        var evening = player.Zone.AtStartOfDay(day.PlusDays(1)).ToInstant();
        await api.PutAsync<TenantView>($"tenants/{player.Isp.Code}/clock", null, new ClockTime(evening), cancellationToken);
        var sessions = player.Isp.Customers
            .SelectMany((customer, number) => DemoDay.Of(customer, number + 1, day, player.Zone))
            .Where(session => session.Start.Plus(Duration.FromSeconds(session.Seconds)) < month.InZone(player.Zone).End);
        var results = await Task.WhenAll(sessions.Select(session => player.Nas.PlayAsync(session, cancellationToken)));
        if (results.Contains(false))
            throw new StartException($"The demo failed: a subscriber of {player.Isp.Name} was not let in on {day:R}.");
    }

    async Task<TenantSummary> BillAsync(Player player, string output, CancellationToken cancellationToken)
    {
        var isp = player.Isp;
        var period = $"{month.Start:yyyy-MM}";
        var afterwards = month.InZone(player.Zone).End + Duration.FromHours(6);
        await api.PutAsync<TenantView>($"tenants/{isp.Code}/clock", null, new ClockTime(afterwards), cancellationToken);
        var run = await BillingCommand.BillAsync(api, isp.Code, period, cancellationToken);
        var invoices = await new DemoInvoices(api, isp.Code).ReadAsync(Path.Combine(output, isp.Code), cancellationToken);
        await api.DeleteAsync($"tenants/{isp.Code}/clock", null, cancellationToken);

        var summary = new TenantSummary(
            isp.Code, isp.Currency, isp.Customers.Count, player.Nas.Packets, invoices.UsageBytes, invoices.Count, invoices.NetMinor,
            invoices.TaxMinor, invoices.TotalMinor);
        var currency = Currency.Of(isp.Currency);
        say($"{isp.Name}: run {period} is {run.GetProperty("state").GetString()}, {Wording.Count(summary.Invoices, "invoice")}, "
            + $"net {Money.FromMinor(summary.NetMinor, currency)}, tax {Money.FromMinor(summary.TaxMinor, currency)}, "
            + $"total {Money.FromMinor(summary.TotalMinor, currency)}");
        say($"{isp.Name}: {summary.UsageBytes:N0} bytes on the invoices, {player.Nas.Bytes:N0} counted by the access server");
        return summary.UsageBytes == player.Nas.Bytes
            ? summary
            : throw new StartException($"The demo failed: the invoices of {isp.Name} do not show what its access server has counted.");
    }

    sealed record Player(DemoIsp Isp, DateTimeZone Zone, SimulatedNas Nas);
}

/// <summary>The ports that were really opened.</summary>
sealed record ServerPorts(int Http, int RadiusAuth, int RadiusAcct);
