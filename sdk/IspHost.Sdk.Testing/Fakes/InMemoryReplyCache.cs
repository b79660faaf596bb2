using System.Net;
using IspHost.Sdk.Datagrams;

namespace IspHost.Sdk.Testing;

/// <summary>Remembers answers for 30 seconds of the given clock.</summary>
public sealed class InMemoryReplyCache(TimeProvider? clock = null) : IReplyCache
{
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    readonly TimeProvider clock = clock ?? TimeProvider.System;
    readonly Dictionary<ReplySlot, Entry> entries = [];
    readonly Lock gate = new();

    /// <inheritdoc/>
    public ReplyState Begin(in ReplySlot slot, UInt128 fingerprint, out ReadOnlyMemory<byte> reply)
    {
        lock (gate)
        {
            reply = default;
            if (entries.TryGetValue(slot, out var entry) && entry.Fingerprint == fingerprint
                && clock.GetElapsedTime(entry.Since) < Lifetime)
            {
                reply = entry.Reply ?? default;
                return entry.Reply is null ? ReplyState.InProgress : ReplyState.Answered;
            }
            entries[slot] = new Entry(fingerprint, clock.GetTimestamp(), null);
            return ReplyState.New;
        }
    }

    /// <inheritdoc/>
    public void Complete(in ReplySlot slot, UInt128 fingerprint, ReadOnlySpan<byte> reply)
    {
        lock (gate)
        {
            if (entries.TryGetValue(slot, out var entry) && entry.Fingerprint == fingerprint)
                entries[slot] = new Entry(fingerprint, clock.GetTimestamp(), reply.ToArray());
        }
    }

    /// <inheritdoc/>
    public void Forget(in ReplySlot slot, UInt128 fingerprint)
    {
        lock (gate)
        {
            if (entries.TryGetValue(slot, out var entry) && entry.Fingerprint == fingerprint)
                entries.Remove(slot);
        }
    }

    readonly record struct Entry(UInt128 Fingerprint, long Since, byte[]? Reply);
}

/// <summary>A datagram that a test made up, and the answers to it.</summary>
public sealed class FakeDatagram(ReadOnlyMemory<byte> payload, IPEndPoint? source = null) : Datagram
{
    readonly List<byte[]> replies = [];

    /// <inheritdoc/>
    public override IPEndPoint Source { get; } = source ?? new IPEndPoint(IPAddress.Loopback, 40_000);

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> Payload { get; } = payload;

    /// <summary>What was answered; a correct handler answers once or not at all.</summary>
    public IReadOnlyList<byte[]> Replies
    {
        get { lock (replies) return [.. replies]; }
    }

    /// <inheritdoc/>
    public override void Reply(ReadOnlySpan<byte> payload)
    {
        lock (replies)
            replies.Add(payload.ToArray());
    }
}
