using System.Text.Json;
using IspHost.Sdk;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary>What a person reads of a bill run. The plugin's answer has more, and <c>--json</c> shows it as it is.</summary>
sealed record BillRunReport(
    string Period, string State, BillRunReport.Counts Accounts, IReadOnlyList<BillRunReport.Sum> Totals,
    IReadOnlyList<BillRunReport.Account> Parked, IReadOnlyList<BillRunReport.Line> Held, string? Error = null)
{
    public static BillRunReport Of(JsonElement run) => run.Deserialize<BillRunReport>(ApiClient.Json)!;

    public bool IsOver => State is not ("running" or "open");

    /// <summary>How far the run is, and what it waits for, in one line.</summary>
    public string Progress
    {
        get
        {
            var parts = new List<string> { $"{Wording.Count(Accounts.Todo, "account")} to do", $"{Accounts.Done + Accounts.Nothing} done" };
            if (Accounts.TaxPending > 0)
                parts.Add($"{Accounts.TaxPending} waiting for tax, since the tax engine does not answer");
            if (Accounts.Parked > 0)
                parts.Add($"{Accounts.Parked} put aside");
            return string.Join(", ", parts) + (Error is null ? "" : $" ({Error.ReplaceLineEndings(" ")})");
        }
    }

    public override string ToString() => string.Join(Environment.NewLine,
    [
        $"The run of {Period} is {State}: {Wording.Count(Accounts.Done, "account")} billed, {Accounts.Nothing} with nothing to bill, "
            + $"{Accounts.TaxPending} waiting for tax, {Accounts.Parked} put aside{(IsOver ? "" : $", {Accounts.Todo} to do")}.",
        .. Totals.Select(total => $"{Wording.Count(total.Invoices, "invoice")}: net {total.Net}, tax {total.Tax}, "
            + $"total {total.Total}"),
        .. Parked.Select(account => $"Put aside: customer {account.Customer}: {account.Reason}"),
        .. Held.Select(line => $"Not billed: {line.Component} of customer {line.Customer}: {line.Reason} {line.Detail}"),
    ]);

    public sealed record Counts(int Todo, int Done, int Nothing, int TaxPending, int Parked);

    public sealed record Sum(int Invoices, Money Net, Money Tax, Money Total);

    public sealed record Account(string Customer, string Reason);

    public sealed record Line(string Customer, string Component, string Reason, string Detail);
}
