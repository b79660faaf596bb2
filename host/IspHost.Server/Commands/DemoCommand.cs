using System.CommandLine;

namespace IspHost.Server.Commands;

/// <summary><c>demo</c>: the whole chain, from a RADIUS packet to an invoice.</summary>
static class DemoCommand
{
    public static Command Create() => new("demo", "Plays a month of two internet providers, from RADIUS packets to invoices.");
}
