using IspHost.Sdk.Actors;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Notifications;
using IspHost.Sdk.Panels;
using IspHost.Sdk.Payments;
using IspHost.Sdk.Rating;
using IspHost.Sdk.Taxes;

namespace IspHost.PluginRuntime;

/// <summary>The proxies that callers keep instead of a plugin's objects. A new extension point needs a line here.</summary>
static class Proxies
{
    static readonly Dictionary<Type, Func<Slot, object>> Makers = new()
    {
        [typeof(IRatingRule)] = slot => new RatingRuleProxy((Slot<IRatingRule>)slot),
        [typeof(ITaxEngine)] = slot => new TaxEngineProxy((Slot<ITaxEngine>)slot),
        [typeof(IPaymentGateway)] = slot => new PaymentGatewayProxy((Slot<IPaymentGateway>)slot),
        [typeof(INasVendor)] = slot => new NasVendorProxy((Slot<INasVendor>)slot),
        [typeof(INotificationChannel)] = slot => new NotificationChannelProxy((Slot<INotificationChannel>)slot),
        [typeof(IFlagFilter)] = slot => new FlagFilterProxy((Slot<IFlagFilter>)slot),
        [typeof(IJob)] = slot => new JobProxy((Slot<IJob>)slot),
        [typeof(IActor)] = slot => new ActorProxy((Slot<IActor>)slot),
        [typeof(IPanel)] = slot => new PanelProxy((Slot<IPanel>)slot),
        [typeof(EventHandling)] = slot => new EventHandlingProxy((Slot<EventHandling>)slot),
    };

    public static bool Exist(Type contract) => Makers.ContainsKey(contract);

    /// <summary>Listeners have none: their sockets call the current generation themselves.</summary>
    public static object Make(Slot slot) => Makers.TryGetValue(slot.Key.Contract, out var make) ? make(slot) : slot;
}
