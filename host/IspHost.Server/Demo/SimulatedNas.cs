using System.Net;
using System.Text;
using NodaTime;

namespace IspHost.Server.Demo;

/// <summary>An access server that plays its subscribers' sessions with real packets, and counts for itself what they use.</summary>
sealed class SimulatedNas(DemoIsp isp, int authPort, int acctPort) : IDisposable
{
    const byte UserName = 1, NasIpAddress = 4, NasPort = 5, Class = 25, AcctStatusType = 40, AcctInputOctets = 42, AcctOutputOctets = 43,
        AcctSessionId = 44, AcctSessionTime = 46, AcctTerminateCause = 49, AcctInputGigawords = 52, AcctOutputGigawords = 53,
        EventTimestamp = 55;

    readonly RadiusExchange authentication = new(isp.Nas, new IPEndPoint(IPAddress.Loopback, authPort), Encoding.UTF8.GetBytes(isp.Secret));
    readonly RadiusExchange accounting = new(isp.Nas, new IPEndPoint(IPAddress.Loopback, acctPort), Encoding.UTF8.GetBytes(isp.Secret));
    long packets, lost, bytes;

    /// <summary>Requests sent.</summary>
    public long Packets => Interlocked.Read(ref packets);

    /// <summary>Requests that got no answer.</summary>
    public long Lost => Interlocked.Read(ref lost);

    /// <summary>What the sessions used, both directions together.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Plays one session: it comes online, reports on its way, and ends.</summary>
    /// <returns>False if the subscriber was not let in.</returns>
    public async Task<bool> PlayAsync(DemoSession session, CancellationToken cancellationToken)
    {
        var answer = await SendAsync(authentication, Common(RadiusRequest.Access(session.Password), session), cancellationToken);
        if (answer?.Code != RadiusAnswer.Accept)
            return false;

        var sessionClass = answer.Find(Class);
        await ReportAsync(session, sessionClass, status: 1, part: 0m, cancellationToken);
        for (var report = 1; report < session.Reports; report++)
            await ReportAsync(session, sessionClass, status: 3, (decimal)report / session.Reports, cancellationToken);
        await ReportAsync(session, sessionClass, status: 2, part: 1m, cancellationToken);
        Interlocked.Add(ref bytes, session.Up + session.Down);
        return true;
    }

    public void Dispose()
    {
        authentication.Dispose();
        accounting.Dispose();
    }

    Task<RadiusAnswer?> ReportAsync(
        DemoSession session, byte[]? sessionClass, uint status, decimal part, CancellationToken cancellationToken)
    {
        var (up, down) = ((ulong)(session.Up * part), (ulong)(session.Down * part));
        var seconds = (uint)(session.Seconds * part);
        var request = Common(RadiusRequest.Accounting(), session)
            .Add(AcctStatusType, status)
            .Add(EventTimestamp, (uint)(session.Start.ToUnixTimeSeconds() + seconds));
        if (sessionClass is not null)
            request.Add(Class, sessionClass);
        if (status != 1)
        {
            request.Add(AcctSessionTime, seconds)
                .Add(AcctInputOctets, (uint)up).Add(AcctInputGigawords, (uint)(up >> 32))
                .Add(AcctOutputOctets, (uint)down).Add(AcctOutputGigawords, (uint)(down >> 32));
        }
        if (status == 2)
            request.Add(AcctTerminateCause, 1);
        return SendAsync(accounting, request, cancellationToken);
    }

    RadiusRequest Common(RadiusRequest request, DemoSession session) => request
        .Add(UserName, session.UserName)
        .Add(NasIpAddress, isp.Nas.GetAddressBytes())
        .Add(NasPort, session.Port)
        .Add(AcctSessionId, session.Id);

    async Task<RadiusAnswer?> SendAsync(RadiusExchange exchange, RadiusRequest request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref packets);
        var answer = await exchange.SendAsync(request, cancellationToken);
        if (answer is null)
            Interlocked.Increment(ref lost);
        return answer;
    }
}

/// <summary>A session to be played. Up and down are bytes.</summary>
sealed record DemoSession(
    string Id, string UserName, string Password, uint Port, Instant Start, int Seconds, long Up, long Down, int Reports)
{
    /// <summary>
    /// The sessions of one subscriber on one day: a short one in the small hours, and a long one that may pass midnight. The same
    /// day always gives the same sessions.
    /// </summary>
    public static IEnumerable<DemoSession> Of(DemoCustomer customer, int number, LocalDate day, DateTimeZone zone)
    {
        var dice = new Dice($"{customer.UserName} {day:R}");
        var night = day.At(new LocalTime(1, 0)).PlusMinutes(dice.Roll(150));
        var evening = day.At(new LocalTime(16, 0)).PlusMinutes(dice.Roll(240));
        yield return Make(night, seconds: 1800 + dice.Roll(3600), gigabytes: 1 + dice.Roll(3), "n");
        yield return Make(evening, seconds: 7200 + dice.Roll(14_000), gigabytes: 4 + dice.Roll(12), "e");

        DemoSession Make(LocalDateTime start, int seconds, int gigabytes, string mark) => new(
            $"{day:yyyyMMdd}{mark}{number:X4}", customer.UserName, customer.Password, (uint)number, start.InZoneLeniently(zone).ToInstant(),
            seconds,
            Up: (gigabytes * 90_000_000L) + dice.Roll(50_000_000), Down: (gigabytes * 1_000_000_000L) + dice.Roll(900_000_000),
            Reports: 2 + dice.Roll(3));
    }
}

/// <summary>Numbers that look thrown and are the same each time, on any machine.</summary>
sealed class Dice
{
    uint state;

    /// <param name="seed">FNV-1a of it is the first state.</param>
    public Dice(string seed) => state = Encoding.UTF8.GetBytes(seed).Aggregate(2166136261u, (hash, octet) => (hash ^ octet) * 16777619u);

    /// <summary>From 0 up to, but not including, the limit.</summary>
    public int Roll(int limit)
    {
        // Xorshift, Marsaglia 2003: the state is never 0, since FNV-1a gives 0 for no seed used here.
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        return (int)(state % (uint)limit);
    }
}
