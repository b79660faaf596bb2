using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace IspHost.Testing;

/// <summary>A log of which a test reads what was said, of every level, from any thread.</summary>
public sealed class LogLines<T> : ILogger<T>
{
    /// <summary>The texts without their exceptions, in order.</summary>
    public ConcurrentQueue<string> All { get; } = [];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        => All.Enqueue(formatter(state, exception));
}
