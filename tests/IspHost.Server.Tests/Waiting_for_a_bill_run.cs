using System.Text.Json;
using IspHost.Core.Plugins;

namespace IspHost.Server.Tests;

/// <summary><c>billing run</c>, while there is no tax engine and once there is one.</summary>
[Collection(typeof(OnAServerOfTheirOwn))]
public sealed class Waiting_for_a_bill_run(ServerOfItsOwn own)
{
    const string TaxPlugin = "Tax.Vat";

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tells_what_it_waits_for_and_shows_amounts_in_full()
    {
        var api = own.Server.Operator;
        var provider = await Provider.CreateNumberedAsync(api, subscribers: 1, number: 91);
        await provider.EndMonthAsync(api);
        string[] billing = ["billing", "run", "--tenant", provider.Code, "--period", Provider.Period, "--data", own.Server.Data];
        await api.DeleteAsync($"plugins/{TaxPlugin}", null, Stop);
        var heard = new List<string>();

        var (started, report, _) = await ProgramUnderTest.RunAsync([.. billing, "--no-wait"]);
        var (code, output) = await ProgramUnderTest.RunHeardAsync(
            async line =>
            {
                heard.Add(line);
                if (IsAboutTax(line) && heard.Count(IsAboutTax) == 2)
                    await api.PostAsync<JsonElement>("plugins", null, new PluginFolder(TaxPlugin), Stop);
            }, billing);

        Assert.Equal(0, started);
        Assert.StartsWith($"The run of {Provider.Period} is open: ", report, StringComparison.Ordinal);
        Assert.Contains(heard, line => line.Contains("1 waiting for tax, since the tax engine does not answer", StringComparison.Ordinal));
        Assert.Equal(
            (0, $"""
                The run of {Provider.Period} is done: 1 account billed, 0 with nothing to bill, 0 waiting for tax, 0 put aside.
                1 invoice: net 24.90 EUR, tax 5.98 EUR, total 30.88 EUR

                """), (code, output));
    }

    static bool IsAboutTax(string line) => line.Contains("tax engine does not answer", StringComparison.Ordinal);
}
