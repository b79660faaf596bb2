using IspHost.PluginRuntime;

namespace IspHost.Core.Database;

/// <summary>The schemas that the host itself needs.</summary>
public static class HostSchema
{
    /// <summary>The platform's tables.</summary>
    public static SchemaScripts Platform { get; } = SchemaScripts.Of("host", typeof(HostSchema).Assembly, "host/");

    /// <summary>Membership of the Orleans cluster.</summary>
    public static SchemaScripts Cluster { get; } = SchemaScripts.Of("orleans", typeof(HostSchema).Assembly, "orleans/");
}
