using IspHost.Sdk;

namespace IspHost.Core.Tenancy;

/// <summary>Lets a call into a tenant's grain only if it is made for that tenant.</summary>
/// <remarks>
/// It stops mistakes, not a hostile node: the caller's node says who the tenant is.
/// </remarks>
sealed class TenantGuard : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not ITenantBound)
        {
            await context.Invoke();
            return;
        }

        if (PluginKey.TenantOf(context.TargetId) is not { } owner || TenantScope.Current != owner)
        {
            throw new UnauthorizedAccessException(
                $"The call acts for {Who(TenantScope.Current)}, and {context.TargetId} is not that tenant's.");
        }

        using (TenantScope.Enter(owner))
            await context.Invoke();
    }

    static string Who(TenantId? tenant) => tenant is { } named ? $"tenant {named}" : "no tenant";
}
