using System.Collections.Concurrent;
using IspHost.Sdk.Actors;
using NodaTime;

namespace IspHost.Sdk.Testing;

/// <summary>Actors whose turns run in the test. Time passes only when the test says so.</summary>
public sealed class FakeActors : IActors
{
    readonly Dictionary<string, IActor> types = [];
    readonly ConcurrentDictionary<(TenantId Tenant, string Type, string Id), Slot> slots = [];

    /// <summary>How much time has passed so far.</summary>
    public Duration Elapsed { get; private set; }

    /// <summary>Adds an actor under the name that the plugin gives its type.</summary>
    public void Add(string type, IActor actor) => types.Add(type, actor);

    /// <summary>What the last turn left; null if there was none or the actor has ended.</summary>
    public Envelope? State(TenantId tenant, string type, string id) => slots.GetValueOrDefault((tenant, type, id))?.State;

    /// <summary>Puts a state in, as a version before may have left it.</summary>
    public void SetState(TenantId tenant, string type, string id, Envelope? state) => SlotOf(tenant, type, id).State = state;

    /// <inheritdoc/>
    public async Task<Envelope?> SendAsync(
        TenantId tenant, string type, string id, Envelope message, CancellationToken cancellationToken)
    {
        var slot = SlotOf(tenant, type, id);
        await slot.Turn.WaitAsync(cancellationToken);
        try
        {
            var actor = types.GetValueOrDefault(type) ?? throw new ArgumentException($"The plugin has no actor '{type}'.", nameof(type));
            var context = new ActorContext { Tenant = tenant, Id = id, State = slot.State };
            var turn = await actor.ReceiveAsync(context, message, cancellationToken);
            slot.State = turn.State;
            slot.WakeUp = turn.WakeUp is { } wake ? (Elapsed + wake.After, wake.Message) : slot.WakeUp;
            if (turn.State is null)
                slot.WakeUp = null;
            return turn.Answer;
        }
        finally
        {
            slot.Turn.Release();
        }
    }

    /// <summary>Lets time pass, and wakes whoever asked for it, in the order of their times.</summary>
    public async Task PassAsync(Duration duration, CancellationToken cancellationToken)
    {
        var until = Elapsed + duration;
        while (Due(until) is { } next)
        {
            var wake = next.Slot.WakeUp!.Value;
            (Elapsed, next.Slot.WakeUp) = (wake.At, null);
            await SendAsync(next.Key.Tenant, next.Key.Type, next.Key.Id, wake.Message, cancellationToken);
        }
        Elapsed = until;
    }

    ((TenantId Tenant, string Type, string Id) Key, Slot Slot)? Due(Duration until)
    {
        var due = slots.Where(slot => slot.Value.WakeUp?.At <= until).OrderBy(slot => slot.Value.WakeUp!.Value.At).Take(1).ToList();
        return due.Count == 0 ? null : (due[0].Key, due[0].Value);
    }

    Slot SlotOf(TenantId tenant, string type, string id) => slots.GetOrAdd((tenant, type, id), _ => new Slot());

    sealed class Slot
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public Envelope? State { get; set; }

        public (Duration At, Envelope Message)? WakeUp { get; set; }
    }
}
