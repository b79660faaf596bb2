using IspHost.Sdk.Flags;

namespace IspHost.PluginRuntime;

sealed class FlagFilterProxy(Slot<IFlagFilter> slot) : IFlagFilter
{
    public async ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken)
        => await slot.CallAsync(request.Tenant, Judge, request, cancellationToken);

    static async ValueTask<FlagFilterAnswer> Judge(IFlagFilter filter, FlagFilterRequest request, CancellationToken stop)
        => await filter.JudgeAsync(request, stop) ?? throw new InvalidDataException("The filter answered null.");
}
