using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>The only place where an amount is rounded: once for each line.</summary>
static class Rounding
{
    const MidpointRounding Policy = MidpointRounding.AwayFromZero;

    public static Money ToLine(Money exact) => exact.Round(Policy);
}
