using System.Text;
using IspHost.Sdk.Actors;

namespace IspHost.Core.Tests.Actors;

/// <summary>An actor whose turns are a function.</summary>
sealed class FakeActor(Func<ActorContext, string, Task<ActorTurn>> receive) : IActor
{
    public FakeActor(Func<ActorContext, string, ActorTurn> receive) : this((actor, message) => Task.FromResult(receive(actor, message)))
    {
    }

    public async ValueTask<ActorTurn> ReceiveAsync(ActorContext actor, Envelope message, CancellationToken cancellationToken)
        => await receive(actor, Text(message)!);

    public static Envelope Of(string text) => new("text", 1, Encoding.UTF8.GetBytes(text));

    public static string? Text(Envelope? envelope) => envelope is null ? null : Encoding.UTF8.GetString(envelope.Json.Span);

    /// <summary>Adds each message to what there is, and answers with all of it.</summary>
    public static FakeActor Appending() => new((actor, message) =>
    {
        var all = Of(Text(actor.State) + message);
        return new ActorTurn { State = all, Answer = all };
    });
}
