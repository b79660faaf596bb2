using System.Diagnostics.CodeAnalysis;
using IspHost.Sdk.Jobs;

namespace IspHost.PluginRuntime;

/// <summary>One call into a plugin: at most so many at once, ended by its deadline, counted by the breaker.</summary>
[SuppressMessage("Design", "CA1001", Justification = "Disposed when the plugin's code ends, which may be long after the caller has gone.")]
sealed class GuardedCall<T, TState, TResult> where T : class
{
    readonly Slot<T> slot;
    readonly Func<T, TState, CancellationToken, ValueTask<TResult>> call;
    readonly TState state;
    readonly CancellationToken caller;
    readonly CallEnd end;
    Lease<T> lease;

    public GuardedCall(
        Slot<T> slot,
        Lease<T> lease,
        Func<T, TState, CancellationToken, ValueTask<TResult>> call,
        TState state,
        TimeProvider time,
        CancellationToken caller)
    {
        (this.slot, this.lease, this.call, this.state, this.caller) = (slot, lease, call, state, caller);
        end = new CallEnd(slot.Deadline, time, caller, lease.Generation.Stopping);
    }

    /// <summary>Waits for a place. A caller that gets none knows that nothing happened.</summary>
    public async Task EnterAsync()
    {
        try
        {
            await lease.Offer.Bulkhead.WaitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            lease.Offer.Breaker.Abandoned();
            lease.Dispose();
            end.Dispose();
            caller.ThrowIfCancellationRequested();
            throw slot.Unavailable("it is busy with as many calls as it may have at once");
        }
    }

    /// <summary>Runs on the pool, so that code which blocks its thread blocks nobody else.</summary>
    public async Task<TResult> RunAsync()
    {
        var breaker = lease.Offer.Breaker;
        try
        {
            var outcome = await Task.Run(RunToItsEndAsync, CancellationToken.None).WaitAsync(end.Token);
            return Judged(outcome, breaker);
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw Ended(breaker);
        }
    }

    TResult Judged(Outcome outcome, Breaker breaker)
    {
        switch (outcome.Failure)
        {
            case null:
                breaker.Succeeded();
                return outcome.Value!;
            case JobRefusedException:
                breaker.Succeeded(); // An answer, if not the one hoped for.
                throw outcome.Failure;
            case OperationCanceledException when end.Token.IsCancellationRequested:
                throw Ended(breaker);
            default:
                breaker.Failed();
                throw outcome.Failure;
        }
    }

    Exception Ended(Breaker breaker)
    {
        if (caller.IsCancellationRequested)
        {
            breaker.Abandoned();
            return new OperationCanceledException(caller);
        }

        breaker.Failed();
        return new TimeoutException(
            $"The {slot.Point} extension '{slot.Name}' did not answer within {slot.Deadline.TotalSeconds:0.###} s, or was unloaded.");
    }

    /// <summary>Ends when the plugin's code ends. Whatever it throws stays here: only text goes out.</summary>
    async Task<Outcome> RunToItsEndAsync()
    {
        try
        {
            return new(await call(lease.Target, state, end.PluginToken), null);
        }
        catch (JobRefusedException e)
        {
            return new(default, new JobRefusedException(e.Message));
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            return new(default, new OperationCanceledException(end.Token));
        }
        catch (Exception e) // The boundary to foreign code.
        {
            return new(default, ExtensionFailedException.Of(e, slot.Point, slot.Name));
        }
        finally
        {
            Leave();
        }
    }

    void Leave()
    {
        var left = lease;
        lease = default; // An abandoned caller must not hold on to the plugin.
        left.Offer.Bulkhead.Release();
        left.Dispose();
        end.Dispose();
    }

    readonly record struct Outcome(TResult? Value, Exception? Failure);
}
