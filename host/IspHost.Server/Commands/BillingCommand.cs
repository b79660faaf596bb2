using System.CommandLine;
using System.Text.Json;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary><c>billing</c>: bills a period. The billing plugin does it; its answers pass through as they are.</summary>
static class BillingCommand
{
    public static Command Create() => new("billing", "Bills a period.") { Run() };

    static Command Run()
    {
        var period = new Option<string>("--period") { Description = "The month, such as 2026-10.", HelpName = "YYYY-MM", Required = true };
        var noWait = new Option<bool>("--no-wait") { Description = "Start the run, and do not wait for its end." };
        var command = new Command("run", "Starts the bill run of a period, or finds the one that there is, and waits for its end.")
        {
            CommonOptions.Tenant, period, noWait,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var (tenant, month) = (parsed.GetValue(CommonOptions.Tenant)!, parsed.GetValue(period)!);
            var run = parsed.GetValue(noWait)
                ? await StartAsync(parsed, tenant, month, stop)
                : await BillAsync(parsed, tenant, month, stop);
            Output.Write(parsed, run, $"{BillRunReport.Of(run)}");
        });
        return command;
    }

    static async Task<JsonElement> StartAsync(ParseResult parsed, string tenant, string period, CancellationToken stop)
    {
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        var run = await StartAsync(api, tenant, period, stop);
        if (api.IsOwn && !BillRunReport.Of(run).IsOver)
            await Console.Error.WriteLineAsync("No server has the data folder: the run goes on when one is started.");
        return run;
    }

    static async Task<JsonElement> BillAsync(ParseResult parsed, string tenant, string period, CancellationToken stop)
    {
        await using var progress = new Progress("waiting for the server");
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        progress.Report($"starting the run of {period}");
        return await BillAsync(api, tenant, period, run => progress.Report(BillRunReport.Of(run).Progress), stop);
    }

    /// <summary>Starts the run and waits until it has ended.</summary>
    public static Task<JsonElement> BillAsync(ApiClient api, string tenant, string period, CancellationToken cancellationToken)
        => BillAsync(api, tenant, period, _ => { }, cancellationToken);

    static async Task<JsonElement> BillAsync(
        ApiClient api, string tenant, string period, Action<JsonElement> seen, CancellationToken cancellationToken)
    {
        var run = await StartAsync(api, tenant, period, cancellationToken);
        return await Waiting.UntilAsync(
            run, () => api.GetAsync<JsonElement>($"bill-runs/{Uri.EscapeDataString(period)}", tenant, cancellationToken),
            run => run.GetProperty("state").GetString() is not ("running" or "open"), seen, cancellationToken);
    }

    static Task<JsonElement> StartAsync(ApiClient api, string tenant, string period, CancellationToken cancellationToken)
        => api.PostAsync<JsonElement>("bill-runs", tenant, new { period }, cancellationToken);
}
