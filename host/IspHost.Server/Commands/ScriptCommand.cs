using System.CommandLine;

namespace IspHost.Server.Commands;

/// <summary><c>script</c>: checks price scripts.</summary>
static class ScriptCommand
{
    public static Command Create() => new("script", "Checks price scripts.");
}
