using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace IspHost.Server.Serving;

/// <summary>Says in one line that another node does not answer; all else is logged as it comes.</summary>
/// <remarks>
/// When a node dies, Orleans logs each attempt to reach it, three in three seconds in two places each, with all stacks: 9 KB were measured.
/// It is told once a minute for each node, so a node that stays out of reach stays in the log.
/// </remarks>
[ProviderAlias("Console")]
sealed partial class ClusterLog(ILoggerProvider inner, TimeProvider time) : ILoggerProvider, ISupportExternalScope
{
    /// <summary>What speaks with other nodes.</summary>
    static readonly string[] Talkers =
    [
        "Orleans.Runtime.Messaging.", Probes,
        "Orleans.Runtime.MembershipService.MembershipSystemTarget", Cancellations,
    ];

    /// <summary>It tells by an error that it could not take calls back: whoever is dead has none.</summary>
    const string Cancellations = "Orleans.Runtime.GrainCallCancellationManager";

    /// <summary>It tells that a connection broke. It is made anew at once; if that fails, the manager of connections tells it.</summary>
    const string Connections = "Orleans.Runtime.Messaging.Connection";

    /// <summary>All that it warns of is a probe without an answer, with an exception or without.</summary>
    const string Probes = "Orleans.Runtime.MembershipService.SiloHealthMonitor";

    static readonly TimeSpan Between = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<string, DateTimeOffset> told = new();

    public ILogger CreateLogger(string categoryName)
        => Array.Exists(Talkers, talker => categoryName.StartsWith(talker, StringComparison.Ordinal))
            ? new Talk(this, inner.CreateLogger(categoryName), categoryName)
            : inner.CreateLogger(categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider)
        => (inner as ISupportExternalScope)?.SetScopeProvider(scopeProvider);

    public void Dispose() => inner.Dispose();

    /// <summary>Whether this node was not told in the last minute.</summary>
    bool IsNews(string node)
    {
        var now = time.GetUtcNow();
        foreach (var (known, at) in told)
        {
            if (now - at >= Between)
                told.TryRemove(KeyValuePair.Create(known, at));
        }
        return told.TryAdd(node, now);
    }

    /// <summary>The node that an entry names, under one name or another.</summary>
    static string? NodeIn<TState>(TState state)
        => state is IEnumerable<KeyValuePair<string, object?>> values
            ? values.Select(value => $"{value.Value}").FirstOrDefault(text => Silo().IsMatch(text))
            : null;

    const string NoAnswer = "it gave no answer in time";

    /// <summary>Why it does not answer, in one line; null if the exception is about something else, such as the database.</summary>
    static string? ReasonIn(Exception? exception)
    {
        string? reason = null;
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is DbException)
                return null;
            if (cause is OperationCanceledException)
                reason ??= NoAnswer;
            if (cause is TimeoutException or SocketException or IOException
                || cause.GetType().Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true)
                reason = cause.Message;
        }
        // The message of one has the stacks of others in it.
        return reason?.Split('\n', 2)[0].Split(" ---> ", 2)[0].Trim();
    }

    /// <summary>Such as <c>S127.0.0.1:25922:155031621</c>: address, port and start.</summary>
    [GeneratedRegex(@"^S\S+:\d+:\d+$")]
    private static partial Regex Silo();

    sealed class Talk(ClusterLog log, ILogger inner, string category) : ILogger
    {
        readonly LogLevel unreachable = category == Cancellations ? LogLevel.Error : LogLevel.Warning;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (category == Connections && logLevel is LogLevel.Warning && (exception is IOException or SocketException))
                return;
            var why = exception is null && category == Probes ? NoAnswer : ReasonIn(exception);
            if (logLevel != unreachable || NodeIn(state) is not { } node || why is not { } reason)
                inner.Log(logLevel, eventId, state, exception, formatter);
            else if (log.IsNews(node))
                inner.Log(LogLevel.Warning, eventId, "Node {Node} does not answer: {Reason}", node, reason);
        }
    }
}
