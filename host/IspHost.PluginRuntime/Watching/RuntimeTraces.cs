using System.Diagnostics;

namespace IspHost.PluginRuntime;

/// <summary>Traces of calls into plugins. Where nobody listens, a call costs one look at an empty list.</summary>
public static class RuntimeTraces
{
    /// <summary>The name of the source.</summary>
    public const string Name = "IspHost.Plugins";

    static readonly ActivitySource Source = new(Name);

    /// <summary>A call of this point and name, such as <c>tax/vat</c>; null if nobody listens, or this one is left out.</summary>
    internal static Activity? Begin(Slot slot, TenantId? tenant)
    {
        if (Source.StartActivity(slot.Title) is not { } call)
            return null;
        call.SetTag("plugin", slot.Owner?.Id);
        if (tenant is { } named)
            call.SetTag("tenant", named.ToString());
        return call;
    }

    /// <summary>Notes how a call ended, for a filter of exceptions.</summary>
    /// <returns>False: whoever called gets the exception.</returns>
    internal static bool Failed(Activity? call, Exception cause)
    {
        call?.SetStatus(ActivityStatusCode.Error, cause.Message);
        return false;
    }
}
