using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using IspHost.Core.Imports;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary><c>import</c>: takes over the data of another system.</summary>
static class ImportCommand
{
    public static Command Create() => new("import", "Takes over the data of another system.") { Subscribers() };

    static Command Subscribers()
    {
        var file = new Argument<FileInfo>("file") { Description = "Columns username, password and plan.", HelpName = "FILE.csv" };
        var noWait = new Option<bool>("--no-wait") { Description = "Hand the file in, and do not wait until its rows are imported." };
        var command = new Command("subscribers", "Adds a customer with an active service for each row, and waits until all are there.")
        {
            file, CommonOptions.Tenant, noWait,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var text = await Files.ReadAsync(parsed.GetValue(file)!, stop);
            var tenant = parsed.GetValue(CommonOptions.Tenant)!;
            var report = parsed.GetValue(noWait)
                ? await BeginAsync(parsed, tenant, text, stop)
                : await ImportAsync(parsed, tenant, text, stop);
            Output.Write(parsed, report, report.ToString());
            if (report.Import is { State: ImportState.Done, Imported: 0, Refused: > 0 })
                throw new RequestException(null, "Nothing was imported: every row was refused.");
        });
        return command;
    }

    /// <summary>Hands a file in and waits until its rows are imported.</summary>
    public static async Task<ImportView> ImportAsync(
        ApiClient api, string tenant, string file, Action<ImportView> seen, CancellationToken cancellationToken)
    {
        var begun = await BeginAsync(api, tenant, file, cancellationToken);
        return await Waiting.UntilAsync(
            begun, () => api.GetAsync<ImportView>($"imports/{begun.Id}", tenant, cancellationToken),
            import => import.State is not ImportState.Running, seen, cancellationToken);
    }

    static async Task<ImportReport> BeginAsync(ParseResult parsed, string tenant, string file, CancellationToken stop)
    {
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        var import = await BeginAsync(api, tenant, file, stop);
        if (api.IsOwn && import.State is ImportState.Running)
            await Console.Error.WriteLineAsync("No server has the data folder: the import goes on when one is started.");
        return await ReportAsync(api, tenant, import, stop);
    }

    static async Task<ImportReport> ImportAsync(ParseResult parsed, string tenant, string file, CancellationToken stop)
    {
        await using var progress = new Progress("waiting for the server");
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        progress.Report("handing the file in");
        var import = await ImportAsync(api, tenant, file, import => progress.Report(ProgressOf(import)), stop);
        return await ReportAsync(api, tenant, import, stop);
    }

    static async Task<ImportView> BeginAsync(ApiClient api, string tenant, string file, CancellationToken stop)
    {
        using var content = new StringContent(file, new MediaTypeHeaderValue("text/csv", "utf-8"));
        return await api.PostAsync<ImportView>("imports/subscribers", tenant, content, stop);
    }

    static async Task<ImportReport> ReportAsync(ApiClient api, string tenant, ImportView import, CancellationToken stop)
        => new(import, import.Refused == 0 ? [] : await api.ListAsync<RefusedRow>($"imports/{import.Id}/refused-rows", tenant, stop));

    static string ProgressOf(ImportView import) => string.Create(CultureInfo.InvariantCulture,
        $"{import.Imported + import.Refused:N0} of {Wording.Count(import.Rows, "row")}{(import.Error is { } error ? $" ({error})" : "")}");

    /// <summary>What came of an import.</summary>
    sealed record ImportReport(ImportView Import, IReadOnlyList<RefusedRow> RefusedRows)
    {
        public override string ToString() => string.Join(
            Environment.NewLine,
            [.. RefusedRows.Select(row => $"row {row.Row}: {row.Reason}"), .. NotListed(), $"{Counts()}{State()}."]);

        IEnumerable<string> NotListed()
            => Import.Refused > RefusedRows.Count ? [$"{Wording.Count(Import.Refused - RefusedRows.Count, "row")} more refused."] : [];

        string Counts() => string.Create(CultureInfo.InvariantCulture, $"{Import.Imported:N0} imported, {Import.Refused:N0} refused");

        string State() => Import.State switch
        {
            ImportState.Running => $", {Import.Rows - Import.Imported - Import.Refused} to do: import {Import.Id}",
            ImportState.Cancelled => ", cancelled",
            _ => "",
        };
    }
}
