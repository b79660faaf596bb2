using System.Text.Json;
using IspHost.Sdk;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary>What a person reads of a bill run. The plugin's answer has more, and <c>--json</c> shows it as it is.</summary>
sealed record BillRunReport(
    string Period, string State, BillRunReport.Counts Accounts, IReadOnlyList<BillRunReport.Sum> Totals,
    IReadOnlyList<BillRunReport.Account> Parked, IReadOnlyList<BillRunReport.Line> Held)
{
    public static BillRunReport Of(JsonElement run) => run.Deserialize<BillRunReport>(ApiClient.Json)!;

    public override string ToString() => string.Join(Environment.NewLine,
    [
        $"The run of {Period} is {State}: {Accounts.Done} accounts billed, {Accounts.Nothing} with nothing to bill, "
            + $"{Accounts.TaxPending} waiting for tax, {Accounts.Parked} put aside.",
        .. Totals.Select(total => $"{total.Invoices} invoices: net {total.Net}, tax {total.Tax}, total {total.Total}"),
        .. Parked.Select(account => $"Put aside: customer {account.Customer}: {account.Reason}"),
        .. Held.Select(line => $"Not billed: {line.Component} of customer {line.Customer}: {line.Reason} {line.Detail}"),
    ]);

    public sealed record Counts(int Done, int Nothing, int TaxPending, int Parked);

    public sealed record Sum(int Invoices, Money Net, Money Tax, Money Total);

    public sealed record Account(string Customer, string Reason);

    public sealed record Line(string Customer, string Component, string Reason, string Detail);
}
