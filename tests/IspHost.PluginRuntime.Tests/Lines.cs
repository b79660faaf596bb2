using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime.Tests;

/// <summary>A log that a test can read. It keeps what it is given, as an exporter does.</summary>
sealed class Lines : ILoggerFactory, ILogger
{
    readonly List<(LogLevel Level, string Text, object? State, Exception? Exception)> all = [];

    public IReadOnlyList<(LogLevel Level, string Text, object? State, Exception? Exception)> All
    {
        get
        {
            lock (all)
                return [.. all];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (all)
            all.Add((logLevel, formatter(state, exception), state, exception));
    }
}
