namespace IspHost.PluginRuntime;

/// <summary>How a generation ended.</summary>
public sealed record RetirementReport
{
    /// <summary>All calls ended by themselves in time.</summary>
    public required bool Drained { get; init; }

    /// <summary>The code is proven gone from memory. In a large process that may be seen only later: see the plugin's status.</summary>
    public required bool Unloaded { get; init; }

    /// <summary>How long it took until nobody was inside, or waiting was given up, and the container was disposed.</summary>
    public required TimeSpan Drain { get; init; }

    /// <summary>How long unloading and the proof took.</summary>
    public required TimeSpan Unload { get; init; }
}

/// <summary>How a plugin was replaced.</summary>
public sealed record ReplacementReport
{
    /// <summary>The plugin.</summary>
    public required string Id { get; init; }

    /// <summary>What ran before.</summary>
    public required PluginGeneration From { get; init; }

    /// <summary>What runs now.</summary>
    public required PluginGeneration To { get; init; }

    /// <summary>How long loading, migrating and warming up took, while the old generation served.</summary>
    public required TimeSpan Prepare { get; init; }

    /// <summary>How the old generation ended.</summary>
    public required RetirementReport Old { get; init; }
}

/// <summary>One load of one version.</summary>
/// <param name="Version">Of the plugin.</param>
/// <param name="Number">Counts the loads of this plugin since the process started.</param>
public sealed record PluginGeneration(string Version, int Number);

/// <summary>How a plugin is doing.</summary>
public sealed record PluginStatus
{
    /// <summary>The plugin's id, or the folder's name if its manifest could not be read.</summary>
    public required string Id { get; init; }

    /// <summary>What people read.</summary>
    public required string Name { get; init; }

    /// <summary>What serves now; null if nothing does.</summary>
    public PluginGeneration? Current { get; init; }

    /// <summary>Where it stands.</summary>
    public required PluginState State { get; init; }

    /// <summary>Since when.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Why the last load or replacement was refused; null after one that worked.</summary>
    public string? LastError { get; init; }

    /// <summary>Calls that are inside now.</summary>
    public required int OpenLeases { get; init; }

    /// <summary>Generations that were replaced and still wait for their last calls.</summary>
    public required int Draining { get; init; }

    /// <summary>Generations that are unloaded, and not seen to be gone from memory yet: the collector takes its time.</summary>
    public required int Dying { get; init; }

    /// <summary>Generations that should be gone from memory and are not.</summary>
    public required int LeakedContexts { get; init; }

    /// <summary>What it offers now: point and name, such as <c>tax/vat</c> or <c>job/bill-run</c>.</summary>
    public required IReadOnlyList<string> Offers { get; init; }

    /// <summary>Those of <see cref="Offers"/> that refuse the calls of some tenants, because they gave them no answers.</summary>
    public required IReadOnlyList<OpenBreaker> OpenBreakers { get; init; }
}

/// <summary>An offer that refuses calls for a while. The log names the tenants.</summary>
/// <param name="Offer">Point and name.</param>
/// <param name="Tenants">Of how many tenants.</param>
public sealed record OpenBreaker(string Offer, int Tenants);

/// <summary>Where a plugin stands.</summary>
public enum PluginState
{
    /// <summary>Its first generation is being prepared.</summary>
    Loading,

    /// <summary>It serves. Its last replacement may have been refused: see <see cref="PluginStatus.LastError"/>.</summary>
    Active,

    /// <summary>Its first load was refused, and nothing serves.</summary>
    Failed,

    /// <summary>It was removed.</summary>
    Removed,
}
