using System.Reflection;

namespace IspHost.PluginRuntime;

/// <summary>Says why a plugin was refused, without holding on to an exception that has passed through it.</summary>
static class Refusal
{
    public static PluginLoadException Of(string plugin, PluginRefusal rule, Exception cause)
    {
        var failed = ExtensionFailedException.Of(Innermost(cause), "", "");
        return new PluginLoadException(plugin, rule, $"{failed.TypeName}: {failed.Reason.TrimEnd('.')}", failed.Details);
    }

    static Exception Innermost(Exception cause) => cause switch
    {
        TargetInvocationException { InnerException: { } inner } => Innermost(inner),
        ReflectionTypeLoadException types when types.LoaderExceptions.OfType<Exception>().FirstOrDefault() is { } first => first,
        AggregateException { InnerExceptions: [var first, ..] } => Innermost(first),
        _ => cause,
    };
}
