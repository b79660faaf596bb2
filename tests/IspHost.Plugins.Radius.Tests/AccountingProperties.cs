using CsCheck;
using IspHost.Plugins.Radius.Accounting;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using NodaTime;

namespace IspHost.Plugins.Radius.Tests;

/// <summary>Whatever the network does to the records of a session, its usage is what the device counted.</summary>
public sealed class AccountingProperties
{
    /// <summary>A session as the device lived through it.</summary>
    sealed record Truth(int Start, int Length, long Up, long Down, int Interims, bool StartLost, bool Named);

    static readonly SubscriptionId Service = SubscriptionId.New();

    static readonly Gen<Truth> Truths = Gen.Select(
        Gen.Int[0, 600], Gen.Int[30, 86_400], Gen.Long[0, 1L << 45], Gen.Long[0, 1L << 50], Gen.Int[0, 12], Gen.Bool, Gen.Bool,
        (start, length, up, down, interims, startLost, named) => new Truth(start, length, up, down, interims, startLost, named));

    [Fact]
    public void Any_order_with_repetitions_and_losses_gives_the_truth()
        => Gen.Select(Truths, Gen.Int).Sample((truth, seed) =>
        {
            var random = new Random(seed);
            var records = Lossy([.. Records(truth, 0, Guid.NewGuid())], random);
            var (sessions, up, down) = Play(records);
            var session = Assert.Single(sessions);
            Assert.Equal((truth.Up, truth.Down), (up, down));
            Assert.Equal((truth.Up, truth.Down), (session.Up.Octets, session.Down.Octets));
            Assert.False(session.IsOpen || session.Up.IsSuspect || session.Down.IsSuspect);
        }, iter: 12_000);

    [Fact]
    public void Whenever_it_becomes_known_whose_a_session_is_all_of_its_usage_is_theirs()
        => Gen.Select(Truths, Gen.Int).Sample((truth, seed) =>
        {
            var random = new Random(seed);
            var strange = random.Next(101);
            var records = Lossy([.. Records(truth, 0, Guid.NewGuid())], random)
                .ConvertAll(record => random.Next(100) < strange ? record with { Subscription = null } : record);
            var (_, up, down) = Play(records);
            Assert.Equal(
                records.Any(record => record.Subscription is not null) ? (truth.Up, truth.Down) : (0, 0), (up, down));
        }, iter: 6_000);

    [Fact]
    public void A_name_that_reboots_reuse_keeps_its_sessions_apart()
        => Gen.Select(Truths.Array[2, 4], Gen.Int).Sample((truths, seed) =>
        {
            var random = new Random(seed);
            var records = new List<AccountingRecord>();
            var clock = 0;
            foreach (var truth in truths)
            {
                clock += truth.Start + 60; // A device needs a minute to begin anew.
                records.AddRange(Records(truth, clock, Guid.NewGuid()));
                clock += truth.Length;
            }
            // Sessions one after another, and each record perhaps late by one or two.
            var (sessions, up, down) = Play(NearlySorted(Lossy(records, random), random));
            Assert.Equal(truths.Length, sessions.Count);
            Assert.Equal((truths.Sum(truth => truth.Up), truths.Sum(truth => truth.Down)), (up, down));
        }, iter: 3_000);

    [Fact]
    public void Two_servers_that_share_the_records_and_the_sessions_give_the_truth()
        => Gen.Select(Truths, Gen.Int).Sample((truth, seed) =>
        {
            var random = new Random(seed);
            List<AccountingRecord> all = [.. Records(truth, 0, Guid.NewGuid())];
            // Each server loads what the other has stored, works on a batch, and stores: as row locks make them.
            List<Session> stored = [];
            long up = 0;
            foreach (var batch in Lossy(all, random).Chunk(2))
            {
                var history = new History(stored, null);
                up += batch.Sum(record => history.Apply(record).Growth.Up);
                stored = [.. stored.Where(old => history.Touched.All(touched => touched.Id != old.Id)), .. history.Touched];
            }
            Assert.Equal(truth.Up, up);
        }, iter: 3_000);

    static (List<Session> Sessions, long Up, long Down) Play(IEnumerable<AccountingRecord> records)
    {
        var history = new History([], null);
        long up = 0, down = 0;
        foreach (var record in records)
        {
            var (_, growth) = history.Apply(record);
            (up, down) = (up + growth.Up, down + growth.Down);
        }
        return ([.. history.Touched], up, down);
    }

    /// <summary>Every record up to three times in random order, and a fifth of the interims not at all.</summary>
    static List<AccountingRecord> Lossy(List<AccountingRecord> records, Random random)
    {
        var sent = records.Where(record => record.Status != AccountingStatus.Interim || random.Next(5) > 0)
            .SelectMany(record => Enumerable.Repeat(record, random.Next(1, 4))).ToArray();
        random.Shuffle(sent);
        return [.. sent];
    }

    static IEnumerable<AccountingRecord> NearlySorted(List<AccountingRecord> records, Random random)
        => records.Select(record => (record, At: record.At + Duration.FromSeconds(random.Next(120)))).OrderBy(sent => sent.At)
            .Select(sent => sent.record);

    static IEnumerable<AccountingRecord> Records(Truth truth, int start, Guid token)
    {
        var record = new AccountingRecord
        {
            Key = new SessionKey(new NasId(Guid.Empty), OctetString.Of("1"), OctetString.Of("u")),
            Subscription = Service,
            Status = AccountingStatus.Start,
            At = World.Noon + Duration.FromSeconds(start),
            IsDated = true,
            Token = truth.Named ? token : null,
        };
        if (!truth.StartLost)
            yield return record;
        for (var i = 1; i <= truth.Interims + 1; i++)
        {
            var seconds = (long)truth.Length * i / (truth.Interims + 1);
            yield return record with
            {
                Status = i > truth.Interims ? AccountingStatus.Stop : AccountingStatus.Interim,
                At = record.At + Duration.FromSeconds(seconds),
                Seconds = seconds,
                Up = Share(truth.Up, seconds, truth.Length),
                Down = Share(truth.Down, seconds, truth.Length),
            };
        }
    }

    static Reading Share(long octets, long seconds, long length) => new((ulong)((UInt128)octets * (ulong)seconds / (ulong)length), true);
}
