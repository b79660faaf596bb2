using System.Net;
using System.Text;
using NodaTime;

namespace IspHost.Simulator;

/// <summary>An access server that plays its subscribers' sessions with real packets, and counts for itself what they use.</summary>
/// <param name="address">Its own, from which it sends.</param>
/// <param name="secret">The one it shares with the server.</param>
/// <param name="authPort">Where the server listens on 127.0.0.1 for authentication.</param>
/// <param name="acctPort">And for accounting.</param>
public sealed class SimulatedNas(IPAddress address, string secret, int authPort, int acctPort) : IDisposable
{
    const byte UserName = 1, NasIpAddress = 4, NasPort = 5, Class = 25, AcctStatusType = 40, AcctInputOctets = 42, AcctOutputOctets = 43,
        AcctSessionId = 44, AcctSessionTime = 46, AcctTerminateCause = 49, AcctInputGigawords = 52, AcctOutputGigawords = 53,
        EventTimestamp = 55;

    readonly RadiusExchange authentication = new(address, new IPEndPoint(IPAddress.Loopback, authPort), Encoding.UTF8.GetBytes(secret));
    readonly RadiusExchange accounting = new(address, new IPEndPoint(IPAddress.Loopback, acctPort), Encoding.UTF8.GetBytes(secret));
    long packets, lost, bytes;

    /// <summary>After how long an Accounting-Request is sent again, until it is answered; null: never.</summary>
    public TimeSpan? ReportsAgainAfter { get; init; }

    /// <summary>Requests sent.</summary>
    public long Packets => Interlocked.Read(ref packets);

    /// <summary>Requests that got no answer.</summary>
    public long Lost => Interlocked.Read(ref lost);

    /// <summary>What the sessions used, both directions together.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    /// <summary>Plays one session: it comes online, reports on its way, and ends.</summary>
    /// <returns>False if the subscriber was not let in.</returns>
    public async Task<bool> PlayAsync(SimulatedSession session, CancellationToken cancellationToken)
    {
        var answer = await LogInAsync(session, cancellationToken);
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

    /// <summary>Says that it has begun anew, and so has no session any more.</summary>
    /// <returns>False if there was no answer.</returns>
    public async Task<bool> BeginAnewAsync(Instant at, CancellationToken cancellationToken)
        => await SendAsync(
            accounting,
            RadiusRequest.Accounting()
                .Add(NasIpAddress, address.GetAddressBytes())
                .Add(AcctSessionId, "boot")
                .Add(AcctStatusType, 7)
                .Add(EventTimestamp, (uint)at.ToUnixTimeSeconds()),
            ReportsAgainAfter, cancellationToken) is not null;

    /// <summary>Asks whether the subscriber may come online, and no more.</summary>
    public Task<RadiusAnswer?> LogInAsync(SimulatedSession session, CancellationToken cancellationToken)
        => SendAsync(authentication, Common(RadiusRequest.Access(session.Password), session), again: null, cancellationToken);

    public void Dispose()
    {
        authentication.Dispose();
        accounting.Dispose();
    }

    Task<RadiusAnswer?> ReportAsync(
        SimulatedSession session, byte[]? sessionClass, uint status, decimal part, CancellationToken cancellationToken)
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
        return SendAsync(accounting, request, ReportsAgainAfter, cancellationToken);
    }

    RadiusRequest Common(RadiusRequest request, SimulatedSession session) => request
        .Add(UserName, session.UserName)
        .Add(NasIpAddress, address.GetAddressBytes())
        .Add(NasPort, session.Port)
        .Add(AcctSessionId, session.Id);

    async Task<RadiusAnswer?> SendAsync(
        RadiusExchange exchange, RadiusRequest request, TimeSpan? again, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref packets);
        var answer = await exchange.SendAsync(request, again, cancellationToken);
        if (answer is null)
            Interlocked.Increment(ref lost);
        return answer;
    }
}

/// <summary>A session to be played. Up and down are bytes.</summary>
public sealed record SimulatedSession(
    string Id, string UserName, string Password, uint Port, Instant Start, int Seconds, long Up, long Down, int Reports)
{
    /// <summary>Which session, of whom: the password is nobody's to read.</summary>
    public override string ToString() => $"session {Id} of {UserName}";
}
