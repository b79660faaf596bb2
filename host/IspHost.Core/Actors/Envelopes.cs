using IspHost.Sdk.Actors;

namespace IspHost.Core.Actors;

/// <summary>The bounds of what passes through, and copies of it.</summary>
static class Envelopes
{
    const int LongestSchema = 100;
    const int MostBytes = 256 * 1024;

    /// <exception cref="ArgumentException">It is too large or has no name.</exception>
    public static void Check(Envelope envelope, string what)
    {
        if (envelope.Schema.Length is < 1 or > LongestSchema)
            throw new ArgumentException($"The schema of {what} is named by 1 to {LongestSchema} characters.");
        if (envelope.Json.Length > MostBytes)
            throw new ArgumentException($"{what} has {envelope.Json.Length} bytes; {MostBytes} are allowed.");
    }

    /// <summary>A turn within bounds, in memory of the host's own: the plugin's may keep the plugin loaded.</summary>
    /// <exception cref="ArgumentException">An envelope is out of bounds.</exception>
    public static ActorTurn Taken(ActorTurn turn) => new()
    {
        State = Taken(turn.State, "An actor's state"),
        Answer = Taken(turn.Answer, "An actor's answer"),
        WakeUp = turn.WakeUp is { } wake ? new WakeUp(wake.After, Taken(wake.Message, "An actor's wake-up")!) : null,
    };

    public static bool AreEqual(Envelope? left, Envelope? right)
        => left is null || right is null
            ? left == right
            : left.Schema == right.Schema && left.Version == right.Version && left.Json.Span.SequenceEqual(right.Json.Span);

    static Envelope? Taken(Envelope? envelope, string what)
    {
        if (envelope is null)
            return null;
        Check(envelope, what);
        return envelope with { Json = envelope.Json.ToArray() };
    }
}
