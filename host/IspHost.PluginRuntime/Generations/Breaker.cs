using Polly;
using Polly.CircuitBreaker;

namespace IspHost.PluginRuntime;

/// <summary>Stops calls that get no answer, and lets one through now and then to see whether there are answers again.</summary>
/// <remarks>
/// Polly decides, by the share of unanswered calls. It wants to make the calls itself; here a call under way is a promise of its
/// outcome instead, because leases, places and deadlines are the runtime's own.
/// </remarks>
sealed class Breaker
{
    readonly CircuitBreakerStateProvider state = new();
    readonly ResiliencePipeline<bool> circuit;

    /// <param name="options">When to open, and for how long.</param>
    /// <param name="time">The clock.</param>
    /// <param name="opened">Told each time it opens, soon after.</param>
    public Breaker(PluginRuntimeOptions options, TimeProvider time, Action opened)
        => circuit = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                FailureRatio = options.BreakerRatio,
                MinimumThroughput = options.BreakerCalls,
                SamplingDuration = options.BreakerWindow,
                BreakDuration = options.BreakerPause,
                ShouldHandle = static call => ValueTask.FromResult(!call.Outcome.Result),
                StateProvider = state,
                OnOpened = _ =>
                {
                    opened();
                    return ValueTask.CompletedTask;
                },
            })
            .Build();

    /// <summary>Whether calls are refused, or one is being tried.</summary>
    public bool IsOpen => state.CircuitState != CircuitState.Closed;

    /// <summary>Asks for a call. Its outcome must be told, unless it is refused.</summary>
    /// <returns>Null if it is refused.</returns>
    public WatchedCall? Enter()
    {
        var outcome = new TaskCompletionSource<bool>();
        // In no context: whoever tells the outcome counts it at once, and no grain or request has to take a turn for it.
        var execution = circuit.ExecuteAsync(static async (outcome, _) => await outcome.Task.ConfigureAwait(false), outcome).AsTask();
        if (!execution.IsCompleted)
            return new WatchedCall(outcome, IsTrial: state.CircuitState == CircuitState.HalfOpen);

        _ = execution.Exception; // Seen: it says that the circuit is open.
        return null;
    }
}

/// <summary>A call that a breaker watches.</summary>
sealed record WatchedCall(TaskCompletionSource<bool> Outcome, bool IsTrial)
{
    public void Answered() => Outcome.TrySetResult(true);

    public void Unanswered() => Outcome.TrySetResult(false);

    /// <summary>The caller lost interest, which says nothing about the code; but a trial that shows nothing has not succeeded.</summary>
    public void Abandoned()
    {
        if (IsTrial)
            Outcome.TrySetResult(false);
    }
}
