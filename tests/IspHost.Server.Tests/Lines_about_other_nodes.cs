using System.Net.Sockets;
using IspHost.Server.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace IspHost.Server.Tests;

/// <summary>What stands in the log of a node when another one dies: <see cref="Faults_under_load"/> has one die.</summary>
public sealed class Lines_about_other_nodes : IDisposable
{
    const string Manager = "Orleans.Runtime.Messaging.ConnectionManager";
    const string First = "S127.0.0.1:1001:155031621";
    const string Second = "S127.0.0.1:1002:155031622";
    const string Attempt = "Connection attempt to endpoint {EndPoint} failed";

    static readonly Exception Refused = new IOException("Unable to connect.", new SocketException((int)SocketError.ConnectionRefused));

    readonly FakeTimeProvider time = new();
    readonly Told told = new();
    readonly ClusterLog log;

    public Lines_about_other_nodes() => log = new ClusterLog(told, time);

    public void Dispose() => log.Dispose();

    [Fact]
    public void Are_one_a_minute_for_each()
    {
        foreach (var seconds in (int[])[0, 1, 58, 1])
        {
            time.Advance(TimeSpan.FromSeconds(seconds));
            Log(Manager, LogLevel.Warning, Refused, Attempt, First);
            Log("Orleans.Runtime.MembershipService.SiloHealthMonitor", LogLevel.Warning, Refused, "No response from {Silo}", First);
            Log("Orleans.Runtime.MembershipService.SiloHealthMonitor", LogLevel.Warning, null, "No answer of {Silo} in time", First);
            Log("Orleans.Runtime.MembershipService.SiloHealthMonitor", LogLevel.Warning, new TaskCanceledException(), "No {Silo}", First);
            Log("Orleans.Runtime.MembershipService.MembershipSystemTarget", LogLevel.Warning, Refused, "No gossip to {Address}", First);
            Log("Orleans.Runtime.GrainCallCancellationManager", LogLevel.Error, Refused, "Calls of {SiloAddress} not cancelled", First);
            Log("Orleans.Runtime.Messaging.Connection", LogLevel.Warning, Refused, "A reset by {EndPoint}", "127.0.0.1:40001");
            Log(Manager, LogLevel.Warning, Refused, Attempt, Second);
        }

        const string Reason = "does not answer: Connection refused";
        string[] each = [$"Node {First} {Reason}", $"Node {Second} {Reason}"];
        Assert.Equal([.. each, .. each], told.Lines);
    }

    [Theory]
    [InlineData("IspHost.Core.Jobs", LogLevel.Warning)]
    [InlineData("Orleans.Runtime.Catalog", LogLevel.Warning)]
    [InlineData(Manager, LogLevel.Error)]
    public void Leave_all_others_whole(string category, LogLevel level)
    {
        Log(category, level, Refused, Attempt, First);

        Assert.Equal([$"Connection attempt to endpoint {First} failed {Refused}"], told.Lines);
    }

    [Fact]
    public void Leave_what_is_about_the_database_or_a_bug_whole()
    {
        Exception[] others = [new NpgsqlException("No connection", Refused), new InvalidOperationException("A bug")];
        foreach (var other in others)
            Log(Manager, LogLevel.Warning, other, Attempt, First);

        Assert.Equal(others.Select(other => $"Connection attempt to endpoint {First} failed {other}"), told.Lines);
    }

    void Log(string category, LogLevel level, Exception? exception, string text, string node)
    {
#pragma warning disable CA2254 // The texts are those of Orleans.
        log.CreateLogger(category).Log(level, exception, text, node);
#pragma warning restore CA2254
    }

    sealed class Told : ILoggerProvider, ILogger
    {
        public List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Lines.Add(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");

        public void Dispose() { }
    }
}
