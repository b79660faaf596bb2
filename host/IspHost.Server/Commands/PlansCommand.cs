using System.CommandLine;
using System.Text;
using IspHost.Core.Catalog;

namespace IspHost.Server.Commands;

/// <summary><c>plans</c>: what a tenant sells.</summary>
static class PlansCommand
{
    public static Command Create() => new("plans", "What a tenant sells.") { Publish() };

    static Command Publish()
    {
        var file = new Option<FileInfo>("--file")
        {
            Description = "The plan as JSON: docs/operators/plans.md describes it.",
            HelpName = "plan.json",
            Required = true,
        };
        var command = new Command(
            "create", "Publishes a version of a plan: the first one makes the plan.") { CommonOptions.Tenant, file }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var text = await Files.ReadAsync(parsed.GetValue(file)!, stop);
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            // The text goes as it is, so that what is wrong in it is told by the one who knows the rules.
            using var content = new StringContent(text, Encoding.UTF8, "application/json");
            var plan = await api.PostAsync<PlanView>("plans", parsed.GetValue(CommonOptions.Tenant), content, stop);
            Output.Write(parsed, plan, $"Plan {plan.Code} was published, version {plan.Version}.");
        });
        return command;
    }
}
