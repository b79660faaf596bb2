using System.CommandLine;
using System.Net.Http.Headers;
using IspHost.Core.Subscriptions;
using IspHost.Server.Client;

namespace IspHost.Server.Commands;

/// <summary><c>import</c>: takes over the data of another system.</summary>
static class ImportCommand
{
    public static Command Create() => new("import", "Takes over the data of another system.") { Subscribers() };

    static Command Subscribers()
    {
        var file = new Argument<FileInfo>("file") { Description = "Columns username, password and plan.", HelpName = "FILE.csv" };
        var command = new Command(
            "subscribers", "Adds a customer with an active service for each row.") { file, CommonOptions.Tenant }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var text = await Files.ReadAsync(parsed.GetValue(file)!, stop);
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            using var content = new StringContent(text, new MediaTypeHeaderValue("text/csv", "utf-8"));
            var report = await api.PostAsync<ImportReport>("imports/subscribers", parsed.GetValue(CommonOptions.Tenant), content, stop);
            Output.Write(parsed, report, string.Join(Environment.NewLine,
                report.Rows.Select(row => $"row {row.Row}: {row.Reason}").Append(
                    $"{report.Imported} imported, {report.Refused} refused.")));
            if (report is { Imported: 0, Refused: > 0 })
                throw new RequestException(null, "Nothing was imported: every row was refused.");
        });
        return command;
    }
}
