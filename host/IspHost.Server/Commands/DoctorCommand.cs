using System.CommandLine;
using IspHost.Core.Zones;

namespace IspHost.Server.Commands;

/// <summary><c>doctor</c>: looks for what is wrong and does not show yet.</summary>
static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Looks for what is wrong and does not show yet, such as old rules of time zones.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var zones = await api.GetAsync<ZonesView>("time-zones", null, stop);
            Output.Write(parsed, zones, string.Join(Environment.NewLine, Lines(zones)));
        });
        return command;
    }

    static IEnumerable<string> Lines(ZonesView zones)
        => zones.Differences
            .Select(difference => $"{difference.Zone}: from about {difference.From}, {difference.Source} adds {difference.TheirSeconds} s "
                + $"to UTC, and we {difference.OurSeconds} s")
            .DefaultIfEmpty("The database and the system know the same time in the zones of all tenants.")
            .Prepend($"Time zones: {zones.Version}");
}
