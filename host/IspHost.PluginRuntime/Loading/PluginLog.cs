using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>What plugins log with. It writes to the host's log, with the plugin's id on each line.</summary>
/// <remarks>
/// Log exporters keep what they are given for a while, so only text and plain values leave the plugin: a state or an exception of
/// its own types would keep it loaded.
/// </remarks>
sealed class PluginLogFactory(ILoggerFactory host, PluginIdentity plugin) : ILoggerFactory
{
    public ILogger CreateLogger(string categoryName) => new PluginLog(host.CreateLogger(categoryName), plugin);

    public void AddProvider(ILoggerProvider provider)
        => throw new NotSupportedException("Where logs go is the host's business.");

    public void Dispose()
    {
    }
}

sealed class PluginLog(ILogger host, PluginIdentity plugin) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => host.IsEnabled(logLevel);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => host.BeginScope(Plain(state, state.ToString()));

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!host.IsEnabled(logLevel))
            return;

        var line = Plain(state, formatter(state, exception));
        var thrown = exception is null ? null : new LoggedException(exception.ToString());
        host.Log(logLevel, eventId, line, thrown, static (line, _) => line.ToString());
    }

    LogLine Plain<TState>(TState state, string? text)
    {
        List<KeyValuePair<string, object?>> values = [new("Plugin", plugin.Id), new("PluginVersion", plugin.Version)];
        if (state is IEnumerable<KeyValuePair<string, object?>> given)
            values.AddRange(given.Select(pair => new KeyValuePair<string, object?>(pair.Key, Plain(pair.Value))));
        return new LogLine(values, text ?? "");
    }

    static object? Plain(object? value)
        => value is null or string || value.GetType() is { IsPrimitive: true } ? value : value.ToString();
}

/// <summary>A line of a plugin's log, free of the plugin's types.</summary>
sealed class LogLine(List<KeyValuePair<string, object?>> values, string text) : List<KeyValuePair<string, object?>>(values)
{
    public override string ToString() => text;
}

/// <summary>The text of an exception that a plugin logged.</summary>
sealed class LoggedException(string text) : Exception(text.Split('\n', 2)[0].TrimEnd())
{
    public override string ToString() => text;
}
