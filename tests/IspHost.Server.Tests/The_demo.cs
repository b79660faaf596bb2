using System.Text.Json;
using IspHost.Sdk;

namespace IspHost.Server.Tests;

public sealed class The_demo
{
    [Fact]
    public async Task Goes_from_packets_to_invoices_whose_documents_say_what_the_ledger_says()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"isphost-demo-{Environment.ProcessId}");
        var output = Path.Combine(folder, "out");

        var (code, report, errors) = await ProgramUnderTest.RunAsync(
            "demo", "--once", "--data", folder, "--out", output, "--http", "0", "--radius-auth", "0", "--radius-acct", "0");

        Assert.True(code == 0, $"{code}: {report}{errors}");
        var summary = JsonDocument.Parse(
            await File.ReadAllTextAsync(Path.Combine(output, "summary.json"), TestContext.Current.CancellationToken)).RootElement;
        foreach (var tenant in summary.GetProperty("tenants").EnumerateArray())
        {
            var documents = Directory.GetFiles(Path.Combine(output, tenant.GetProperty("code").GetString()!), "*.pdf");
            Assert.Equal(tenant.GetProperty("customers").GetInt32(), documents.Length);
            Assert.Equal(
                tenant.GetProperty("total_minor").GetInt64(),
                tenant.GetProperty("net_minor").GetInt64() + tenant.GetProperty("tax_minor").GetInt64());
            var currency = Currency.Of(tenant.GetProperty("currency").GetString()!);
            Assert.Equal(
                Money.FromMinor(tenant.GetProperty("total_minor").GetInt64(), currency),
                documents.Select(document => InvoiceText.TotalOf(File.ReadAllBytes(document))).Aggregate((sum, total) => sum + total));
        }
        var upgrade = summary.GetProperty("upgrade");
        Assert.Equal((0, 0, true),
            (
                upgrade.GetProperty("lost_packets").GetInt32(), upgrade.GetProperty("failed_calls").GetInt32(),
                upgrade.GetProperty("old_generation_unloaded").GetBoolean()));
        Directory.Delete(folder, recursive: true);
    }
}
