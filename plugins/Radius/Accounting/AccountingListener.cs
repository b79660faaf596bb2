using System.Buffers.Binary;
using IspHost.Plugins.Radius.Access;
using IspHost.Plugins.Radius.Sessions;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Radius.Accounting;

/// <summary>Answers Accounting-Request, and Status-Server, once what they report is durable (RFC 2866 section 4.1).</summary>
sealed class AccountingListener(
    NasLookup devices, IReplyCache cache, ISubscribers subscribers, ITenants tenants, Journal journal, SessionWatches watches,
    RadiusMetrics metrics, ILogger<AccountingListener> log) : IDatagramHandler
{
    public const string Name = "radius-acct";

    public async ValueTask HandleAsync(IReadOnlyList<Datagram> datagrams, CancellationToken cancellationToken)
    {
        var requests = datagrams.Select(TryReceive).OfType<Request>().ToList();
        try
        {
            await Task.WhenAll(requests.GroupBy(request => request.Device.Tenant)
                .Select(tenant => AnswerAsync(tenant.Key, [.. tenant], cancellationToken)));
        }
        finally
        {
            foreach (var request in requests.Where(request => !request.IsAnswered))
                Forget(request);
        }
    }

    Request? TryReceive(Datagram datagram)
    {
        try
        {
            return Receive(datagram);
        }
        catch (Exception failure) // A fault that one request brings to light must not cost the others of this call their answers.
        {
            metrics.Dropped(Name, DropReason.Failed);
            log.LogError(failure, "An Accounting-Request from {Source} could not be read.", datagram.Source);
            return null;
        }
    }

    /// <summary>Nothing can fail once the request is noted as begun: who is not returned is not forgotten either.</summary>
    Request? Receive(Datagram datagram)
    {
        if (!Packet.TryParse(datagram.Payload, out var packet, out var reason)
            || !TryFindDevice(datagram, packet, out var device, out reason)
            || !TryReadRecord(packet, device!, out var record, out reason))
        {
            metrics.Dropped(Name, reason);
            return null;
        }
        var request = new Request(datagram, packet, device!, new ReplySlot(datagram.Source, Name, packet.Identifier), record);
        return IsNew(request) ? request : null;
    }

    bool TryFindDevice(Datagram datagram, in Packet packet, out NasDevice? device, out DropReason reason)
    {
        device = null;
        reason = DropReason.UnexpectedCode;
        return packet.Code switch
        {
            PacketCode.AccountingRequest => devices.TryFindForAccounting(packet, datagram.Source.Address, out device, out reason),
            PacketCode.StatusServer => devices.TryFindForAccess(packet, datagram.Source.Address, out device, out reason),
            _ => false,
        };
    }

    bool TryReadRecord(in Packet packet, NasDevice device, out AccountingRecord? record, out DropReason reason)
    {
        record = null;
        reason = DropReason.None;
        return packet.Code == PacketCode.StatusServer
            || AccountingRecord.TryRead(packet, device, subscribers, tenants.Now(device.Tenant), out record, out reason);
    }

    bool IsNew(Request request)
    {
        switch (cache.Begin(request.Slot, Fingerprint(request.Packet), out var reply))
        {
            case ReplyState.Answered:
                metrics.Repeated(Name);
                request.Datagram.Reply(reply.Span);
                return false;
            case ReplyState.InProgress:
                metrics.Dropped(Name, DropReason.InProgress);
                return false;
            default:
                return true;
        }
    }

    async Task AnswerAsync(TenantId tenant, List<Request> requests, CancellationToken stop)
    {
        var reports = requests.Where(request => request.Record is not null).ToList();
        var stored = await journal.WriteAsync(tenant, [.. reports.Select(request => request.Record!)], stop);
        for (var i = 0; i < reports.Count; i++)
        {
            if (stored[i])
                Acknowledge(reports[i]);
            else
                metrics.Dropped(Name, DropReason.NotStored);
        }
        await AnswerOthersAsync(tenant, [.. requests.Where(request => request.Record is null)], stop);
        await watches.SeeAsync(tenant, reports.Where(report => report.IsAnswered).Select(report => report.Record!), stop);
    }

    /// <summary>Status-Server, and records that mean nothing to us. Silence about a database that is away lets devices fail over.</summary>
    async Task AnswerOthersAsync(TenantId tenant, List<Request> requests, CancellationToken stop)
    {
        var isReady = requests.Count > 0 && await journal.IsReadyAsync(tenant, stop);
        foreach (var request in requests)
        {
            if (isReady)
                Acknowledge(request);
            else
                metrics.Dropped(Name, DropReason.NotStored);
        }
    }

    void Acknowledge(Request request)
    {
        Span<byte> buffer = stackalloc byte[Packet.MaxLength];
        var reply = Write(request, buffer);
        if (reply.IsEmpty)
        {
            metrics.Dropped(Name, DropReason.ReplyTooLong);
            return;
        }
        request.IsAnswered = true;
        metrics.Stored(StatusName(request));
        cache.Complete(request.Slot, Fingerprint(request.Packet), reply);
        request.Datagram.Reply(reply);
    }

    /// <summary>
    /// An Accounting-Response has no Message-Authenticator: peers do not agree on how to compute it there, and the request is
    /// authenticated without.
    /// </summary>
    static ReadOnlySpan<byte> Write(Request request, Span<byte> buffer)
    {
        if (request.Packet.Code == PacketCode.StatusServer)
            return AccessReply.Alive(PacketCode.AccountingResponse, request.Packet, request.Device, buffer);
        var writer = new PacketWriter(buffer, PacketCode.AccountingResponse, request.Packet.Identifier);
        writer.AddProxyStates(request.Packet);
        return writer.Overflowed ? default : writer.SealReply(request.Packet.Authenticator, request.Device.Secret.Span);
    }

    void Forget(Request request) => cache.Forget(request.Slot, Fingerprint(request.Packet));

    static UInt128 Fingerprint(in Packet packet) => BinaryPrimitives.ReadUInt128BigEndian(packet.Authenticator);

    static string StatusName(Request request) => request switch
    {
        { Record.Status: AccountingStatus.Start } => "start",
        { Record.Status: AccountingStatus.Interim } => "interim",
        { Record.Status: AccountingStatus.Stop } => "stop",
        { Record.Status: AccountingStatus.On } => "on",
        { Record.Status: AccountingStatus.Off } => "off",
        { Packet.Code: PacketCode.StatusServer } => "status_server",
        _ => "other",
    };

    /// <summary>A request that is proven, on its way to an answer.</summary>
    sealed class Request(Datagram datagram, Packet packet, NasDevice device, ReplySlot slot, AccountingRecord? record)
    {
        public Datagram Datagram { get; } = datagram;

        public Packet Packet { get; } = packet;

        public NasDevice Device { get; } = device;

        public ReplySlot Slot { get; } = slot;

        /// <summary>Null if there is nothing to store.</summary>
        public AccountingRecord? Record { get; } = record;

        public bool IsAnswered { get; set; }
    }
}
