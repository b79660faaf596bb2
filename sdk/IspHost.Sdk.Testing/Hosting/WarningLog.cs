using Microsoft.Extensions.Logging;

namespace IspHost.Sdk.Testing;

/// <summary>What the host and the plugin have warned of, for the text of a failure.</summary>
sealed class WarningLog : ILoggerProvider, ILogger
{
    const int Most = 20;

    readonly List<string> lines = [];

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;

        lock (lines)
        {
            if (lines.Count < Most)
                lines.Add($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $" {exception}")}");
        }
    }

    public void Dispose()
    {
    }

    /// <summary>Empty, or a paragraph of its own.</summary>
    public override string ToString()
    {
        lock (lines)
            return lines.Count == 0 ? "" : $"\nIt was logged:{string.Concat(lines.Select(line => $"\n  {line}"))}";
    }
}
