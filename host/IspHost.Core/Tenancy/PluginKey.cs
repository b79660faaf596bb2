using IspHost.Sdk;

namespace IspHost.Core.Tenancy;

/// <summary>The key of a grain that works for one plugin and one tenant.</summary>
/// <param name="Tenant">For whom.</param>
/// <param name="Plugin">The plugin's id.</param>
/// <param name="Name">The name that the plugin gave the job or the type of actor.</param>
/// <param name="Id">Which one. It may hold slashes, for it comes last.</param>
readonly record struct PluginKey(TenantId Tenant, string Plugin, string Name, string Id)
{
    public static PluginKey Of(GrainId grain)
    {
        var parts = grain.Key.ToString()!.Split('/', 4);
        return parts.Length == 4 && TenantId.TryParse(parts[0], null, out var tenant)
            ? new PluginKey(tenant, parts[1], parts[2], parts[3])
            : throw new ArgumentException($"{grain} is not named tenant/plugin/name/id.");
    }

    /// <summary>The tenant that a key starts with, with a slash behind it; null if it starts with none.</summary>
    public static TenantId? TenantOf(GrainId grain)
    {
        var key = grain.Key.ToString()!;
        var end = key.IndexOf('/', StringComparison.Ordinal);
        return end > 0 && TenantId.TryParse(key[..end], null, out var tenant) ? tenant : null;
    }

    public override string ToString() => $"{Tenant}/{Plugin}/{Name}/{Id}";
}
