using System.Diagnostics.CodeAnalysis;
using IspHost.Sdk.Jobs;

namespace IspHost.PluginRuntime;

/// <summary>One call into a plugin: at most so many at once, ended by its deadline, watched by its tenant's breaker.</summary>
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
            if (await lease.Offer.Bulkhead.EnterAsync(lease.Tenant, end.Token))
                return;
        }
        catch (OperationCanceledException)
        {
            // Below.
        }

        lease.Abandoned();
        lease.Dispose();
        end.Dispose();
        caller.ThrowIfCancellationRequested();
        slot.Metrics.Refused(slot.Title, "busy");
        throw slot.Unavailable("it is busy with as many calls of the tenant as it may have at once");
    }

    /// <summary>Runs on the pool, so that code which blocks its thread blocks nobody else.</summary>
    public async Task<TResult> RunAsync()
    {
        var taken = lease; // Given back when the plugin's code ends, which may be before this goes on.
        try
        {
            var outcome = await Task.Run(RunToItsEndAsync, CancellationToken.None).WaitAsync(end.Token);
            return Judged(outcome, taken);
        }
        catch (OperationCanceledException) when (end.Token.IsCancellationRequested)
        {
            throw Ended(taken);
        }
    }

    TResult Judged(Outcome outcome, Lease<T> taken)
    {
        switch (outcome.Failure)
        {
            case null:
                taken.Answered();
                return outcome.Value!;
            case JobRefusedException:
                taken.Answered(); // An answer, if not the one hoped for.
                throw outcome.Failure;
            case OperationCanceledException when end.Token.IsCancellationRequested:
                throw Ended(taken);
            default:
                Unanswered(taken);
                throw outcome.Failure;
        }
    }

    Exception Ended(Lease<T> taken)
    {
        if (caller.IsCancellationRequested)
        {
            taken.Abandoned();
            return new OperationCanceledException(caller);
        }

        Unanswered(taken);
        return new TimeoutException(
            $"The {slot.Point} extension '{slot.Name}' did not answer within {slot.Deadline.TotalSeconds:0.###} s, or was unloaded.");
    }

    void Unanswered(Lease<T> taken)
    {
        slot.Metrics.Unanswered(slot.Title);
        taken.Unanswered();
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
        left.Offer.Bulkhead.Leave(left.Tenant);
        left.Dispose();
        end.Dispose();
    }

    readonly record struct Outcome(TResult? Value, Exception? Failure);
}
