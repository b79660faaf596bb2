using IspHost.Sdk;

namespace IspHost.Core.Tenancy;

/// <summary>The tenant that the present flow of calls acts for. It travels with calls between grains and nodes.</summary>
/// <remarks>Whoever begins work for a tenant enters its scope: the endpoint of a request, a job, a delivery.</remarks>
public static class TenantScope
{
    const string Name = "tenant";

    /// <summary>The tenant; null outside any scope.</summary>
    public static TenantId? Current
        => RequestContext.Get(Name) is string text && TenantId.TryParse(text, null, out var tenant) ? tenant : null;

    /// <summary>Acts for a tenant until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">The flow acts for another tenant: work never crosses over.</exception>
    public static IDisposable Enter(TenantId tenant)
    {
        var before = Current;
        if (before is { } other && other != tenant)
            throw new InvalidOperationException($"Work for tenant {other} may not act for tenant {tenant}.");
        RequestContext.Set(Name, tenant.ToString());
        return new Scope(before is null);
    }

    sealed class Scope(bool isOutermost) : IDisposable
    {
        public void Dispose()
        {
            if (isOutermost)
                RequestContext.Remove(Name);
        }
    }
}
