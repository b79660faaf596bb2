using System.CommandLine;
using System.Diagnostics;
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
        var command = new Command("run", "Starts the bill run of a period, or finds the one that there is, and waits for its end.")
        {
            CommonOptions.Tenant, period,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var run = await BillAsync(api, parsed.GetValue(CommonOptions.Tenant)!, parsed.GetValue(period)!, stop);
            Output.Write(parsed, run, $"{BillRunReport.Of(run)}");
        });
        return command;
    }

    /// <summary>Starts the run and waits until it has ended.</summary>
    public static async Task<JsonElement> BillAsync(ApiClient api, string tenant, string period, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var run = await api.PostAsync<JsonElement>("bill-runs", tenant, new { period }, cancellationToken);
        while (run.GetProperty("state").GetString() is "running" or "open")
        {
            await Task.Delay(PauseAfter(Stopwatch.GetElapsedTime(start)), cancellationToken);
            run = await api.GetAsync<JsonElement>($"bill-runs/{period}", tenant, cancellationToken);
        }
        return run;
    }

    /// <summary>Whoever has waited for long learns of the end a tenth later, for each look costs the server some.</summary>
    static TimeSpan PauseAfter(TimeSpan waited) => TimeSpan.FromSeconds(Math.Clamp(waited.TotalSeconds / 10, 0.25, 5));
}
