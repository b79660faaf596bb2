using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using IspHost.Sdk.Datagrams;

namespace IspHost.PluginRuntime;

/// <summary>Remembers answers for 30 seconds (RFC 5080 section 2.2.2). It belongs to the host, so no upgrade forgets any.</summary>
/// <remarks>
/// Bounded in entries and in octets: when it is full the oldest go first, whatever their state, and their repetition counts as new.
/// What must not happen twice has its own key in the database.
/// </remarks>
public sealed class ReplyCache : IReplyCache
{
    static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    readonly Shard[] shards;

    /// <param name="time">Tells how long ago something was.</param>
    /// <param name="maxEntries">At most so many requests are remembered.</param>
    /// <param name="maxReplyBytes">At most so many octets of answers.</param>
    public ReplyCache(TimeProvider time, int maxEntries = 524_288, long maxReplyBytes = 128 * 1024 * 1024)
    {
        var count = maxEntries >= 64 * 64 ? 64 : 1; // A small cache is exact rather than parallel.
        shards = [.. Enumerable.Range(0, count).Select(_ => new Shard(time, maxEntries / count, maxReplyBytes / count))];
    }

    /// <summary>How many requests are remembered now, some of which may have expired.</summary>
    public int Count => shards.Sum(shard => shard.Count);

    /// <inheritdoc/>
    public ReplyState Begin(in ReplySlot slot, UInt128 fingerprint, out ReadOnlyMemory<byte> reply)
        => ShardOf(slot).Begin(slot, fingerprint, out reply);

    /// <inheritdoc/>
    public void Complete(in ReplySlot slot, UInt128 fingerprint, ReadOnlySpan<byte> reply)
        => ShardOf(slot).Complete(slot, fingerprint, reply.ToArray());

    /// <inheritdoc/>
    public void Forget(in ReplySlot slot, UInt128 fingerprint) => ShardOf(slot).Forget(slot, fingerprint);

    Shard ShardOf(in ReplySlot slot) => shards[(uint)slot.GetHashCode() % (uint)shards.Length];

    struct Entry
    {
        public UInt128 Fingerprint;
        public long Stamp;
        public byte[]? Reply;
    }

    /// <summary>The stamp tells whether the entry is still the one that was queued.</summary>
    readonly record struct Aging(ReplySlot Slot, long Stamp);

    sealed class Shard(TimeProvider time, int maxEntries, long maxReplyBytes)
    {
        readonly Lock gate = new();
        readonly Dictionary<ReplySlot, Entry> entries = [];
        readonly Queue<Aging> byAge = [];
        long replyBytes;
        long lastStamp;

        public int Count
        {
            get
            {
                lock (gate)
                    return entries.Count;
            }
        }

        public ReplyState Begin(in ReplySlot slot, UInt128 fingerprint, out ReadOnlyMemory<byte> reply)
        {
            reply = default;
            lock (gate)
            {
                Expire();
                ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(entries, slot, out var exists);
                if (exists && entry.Fingerprint == fingerprint)
                {
                    reply = entry.Reply;
                    return entry.Reply is null ? ReplyState.InProgress : ReplyState.Answered;
                }

                replyBytes -= entry.Reply?.Length ?? 0;
                entry = new Entry { Fingerprint = fingerprint, Stamp = Age(slot) };
                KeepWithinBounds();
                return ReplyState.New;
            }
        }

        public void Complete(in ReplySlot slot, UInt128 fingerprint, byte[] reply)
        {
            lock (gate)
            {
                ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(entries, slot);
                if (Unsafe.IsNullRef(ref entry) || entry.Fingerprint != fingerprint || entry.Reply is not null)
                    return;

                entry.Reply = reply;
                entry.Stamp = Age(slot);
                replyBytes += reply.Length;
                KeepWithinBounds();
            }
        }

        public void Forget(in ReplySlot slot, UInt128 fingerprint)
        {
            lock (gate)
            {
                if (entries.TryGetValue(slot, out var entry) && entry.Fingerprint == fingerprint)
                    Remove(slot, entry);
            }
        }

        /// <summary>Notes that the slot changed now. Stamps are times, made unique so that each names one change.</summary>
        long Age(in ReplySlot slot)
        {
            lastStamp = Math.Max(lastStamp + 1, time.GetTimestamp());
            byAge.Enqueue(new Aging(slot, lastStamp));
            return lastStamp;
        }

        void Expire()
        {
            while (byAge.TryPeek(out var oldest) && time.GetElapsedTime(oldest.Stamp) >= Lifetime)
                RemoveOldest();
        }

        /// <summary>The queue is bounded too: a source that changes its mind in one slot makes it grow, not the table.</summary>
        void KeepWithinBounds()
        {
            while (entries.Count > maxEntries || replyBytes > maxReplyBytes || byAge.Count > 2 * maxEntries + 1)
                RemoveOldest();
        }

        void RemoveOldest()
        {
            var oldest = byAge.Dequeue();
            if (entries.TryGetValue(oldest.Slot, out var entry) && entry.Stamp == oldest.Stamp)
                Remove(oldest.Slot, entry);
        }

        void Remove(in ReplySlot slot, Entry entry)
        {
            replyBytes -= entry.Reply?.Length ?? 0;
            entries.Remove(slot);
        }
    }
}
