using System.CommandLine;
using IspHost.Core.Audit;
using IspHost.Sdk.Web;

namespace IspHost.Server.Commands;

/// <summary><c>audit</c>: who did what.</summary>
static class AuditCommand
{
    public static Command Create()
    {
        var tenant = new Option<string?>("--tenant")
        {
            Description = "The code of the tenant; without it, the operator's own acts.",
            HelpName = "CODE",
        };
        var target = new Option<string?>("--target")
        {
            Description = "Only what was done to this, such as tenant/acme.",
            HelpName = "OBJECT",
        };
        var limit = new Option<int>("--limit") { Description = "How many entries.", HelpName = "N", DefaultValueFactory = _ => 50 };
        var command = new Command("audit", "Shows who did what, newest first.") { tenant, target, limit }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var code = parsed.GetValue(tenant);
            var filter = parsed.GetValue(target) is { } wanted ? $"&target={Uri.EscapeDataString(wanted)}" : "";
            var page = await api.GetAsync<Page<AuditView>>(
                $"{(code is null ? "operator/audit" : "audit")}?limit={parsed.GetValue(limit)}{filter}", code, stop);
            Output.Write(parsed, page.Items, Output.Table(
                ["AT", "WHO", "WHAT", "TO", "DETAIL"],
                page.Items.Select(entry => (IReadOnlyList<string>)
                    [$"{entry.At}", entry.Actor, entry.Action, entry.Object, entry.Detail?.RootElement.GetRawText() ?? ""])));
        });
        return command;
    }
}
