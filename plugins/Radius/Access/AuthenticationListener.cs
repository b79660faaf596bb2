using System.Buffers.Binary;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;
using Microsoft.Extensions.Logging;

namespace IspHost.Plugins.Radius.Access;

/// <summary>Answers Access-Request and Status-Server.</summary>
/// <remarks>
/// What memory can answer is answered at once. Only logins that need an address for the first time, or whose number of sessions
/// is limited, wait for the database, and then all those of one call together.
/// </remarks>
sealed class AuthenticationListener(
    NasLookup devices, IReplyCache cache, AccessRules rules, Admission admission, Vendors vendors, RadiusMetrics metrics,
    ILogger<AuthenticationListener> log) : IDatagramHandler
{
    public const string Name = "radius-auth";

    public async ValueTask HandleAsync(IReadOnlyList<Datagram> datagrams, CancellationToken cancellationToken)
    {
        List<Login>? waiting = null;
        foreach (var datagram in datagrams)
        {
            if (TryReceive(datagram) is { } login)
                (waiting ??= []).Add(login);
        }
        if (waiting is null)
            return;
        try
        {
            await admission.DecideAsync(waiting, this, cancellationToken);
        }
        finally
        {
            foreach (var login in waiting.Where(login => !login.IsAnswered))
                cache.Forget(login.Slot, Fingerprint(login.Packet));
        }
    }

    public void Accept(Login login, AddressAssignment? addresses)
    {
        var vendor = vendors.Authorize(login.Device, login.Subscriber.Profile, login.Subscriber.Access);
        Span<byte> buffer = stackalloc byte[Packet.MaxLength];
        var reply = AccessReply.Accept(login, addresses, vendor, buffer);
        login.IsAnswered = true;
        if (Send(login.Datagram, login.Packet, login.Slot, reply))
            metrics.Accepted(AccessName(login.Subscriber.Access));
    }

    public void Reject(Login login, string refusal)
    {
        login.IsAnswered = true;
        Reject(login.Datagram, login.Packet, login.Device, login.Slot, refusal);
    }

    /// <summary>Gives no answer now: a repetition counts as new.</summary>
    public void Drop(Login login, DropReason reason)
    {
        login.IsAnswered = true;
        metrics.Dropped(Name, reason);
        cache.Forget(login.Slot, Fingerprint(login.Packet));
    }

    Login? TryReceive(Datagram datagram)
    {
        try
        {
            return Receive(datagram);
        }
        catch (Exception failure) // A fault that one request brings to light must not cost the others of this call their answers.
        {
            metrics.Dropped(Name, DropReason.Failed);
            log.LogError(failure, "A request from {Source} could not be answered.", datagram.Source);
            return null;
        }
    }

    /// <returns>A login that cannot be answered from memory; null if the datagram is done with.</returns>
    Login? Receive(Datagram datagram)
    {
        if (!Packet.TryParse(datagram.Payload, out var packet, out var reason)
            || !IsExpected(packet, out reason)
            || !devices.TryFindForAccess(packet, datagram.Source.Address, out var device, out reason))
        {
            metrics.Dropped(Name, reason);
            return null;
        }
        var slot = new ReplySlot(datagram.Source, Name, packet.Identifier);
        return IsNew(datagram, packet, slot) ? AnswerOrForget(datagram, packet, device, slot) : null;
    }

    /// <summary>A request whose answer fails counts as new when it is repeated.</summary>
    Login? AnswerOrForget(Datagram datagram, in Packet packet, NasDevice device, in ReplySlot slot)
    {
        try
        {
            return Answer(datagram, packet, device, slot);
        }
        catch
        {
            cache.Forget(slot, Fingerprint(packet));
            throw;
        }
    }

    Login? Answer(Datagram datagram, in Packet packet, NasDevice device, in ReplySlot slot)
    {
        if (packet.Code == PacketCode.StatusServer)
        {
            Span<byte> buffer = stackalloc byte[Packet.MaxLength];
            Send(datagram, packet, slot, AccessReply.Alive(PacketCode.AccessAccept, packet, device, buffer));
            return null;
        }
        var credentials = Credentials.KindOf(packet);
        if (!rules.MayEnter(packet, device, credentials, out var subscriber, out var refusal))
        {
            Reject(datagram, packet, device, slot, refusal);
            return null;
        }
        var login = new Login(datagram, packet, device, slot, subscriber, credentials);
        if (login.IsLimited || login.NeedsAddress)
            return login;
        Accept(login, subscriber.Addresses);
        return null;
    }

    static bool IsExpected(in Packet packet, out DropReason reason)
    {
        reason = packet.Code switch
        {
            PacketCode.StatusServer => DropReason.None,
            PacketCode.AccessRequest when packet.HasMessageAuthenticator => DropReason.None,
            PacketCode.AccessRequest when Credentials.KindOf(packet) == CredentialKind.None => DropReason.NoCredentials,
            PacketCode.AccessRequest => DropReason.None,
            _ => DropReason.UnexpectedCode,
        };
        return reason == DropReason.None;
    }

    bool IsNew(Datagram datagram, in Packet packet, in ReplySlot slot)
    {
        switch (cache.Begin(slot, Fingerprint(packet), out var reply))
        {
            case ReplyState.Answered:
                metrics.Repeated(Name);
                datagram.Reply(reply.Span);
                return false;
            case ReplyState.InProgress:
                metrics.Dropped(Name, DropReason.InProgress);
                return false;
            default:
                return true;
        }
    }

    void Reject(Datagram datagram, in Packet packet, NasDevice device, in ReplySlot slot, string refusal)
    {
        Span<byte> buffer = stackalloc byte[Packet.MaxLength];
        if (Send(datagram, packet, slot, AccessReply.Reject(packet, device, buffer)))
            metrics.Rejected(refusal);
        if (log.IsEnabled(LogLevel.Debug))
            log.LogDebug("Device {Nas} of tenant {Tenant} got an Access-Reject: {Refusal}.", device.Id, device.Tenant, refusal);
    }

    bool Send(Datagram datagram, in Packet packet, in ReplySlot slot, ReadOnlySpan<byte> reply)
    {
        if (reply.IsEmpty)
        {
            metrics.Dropped(Name, DropReason.ReplyTooLong);
            cache.Forget(slot, Fingerprint(packet));
            return false;
        }
        cache.Complete(slot, Fingerprint(packet), reply);
        datagram.Reply(reply);
        return true;
    }

    /// <summary>A repetition has the same Request Authenticator, another request has another (RFC 5080 section 2.2.2).</summary>
    static UInt128 Fingerprint(in Packet packet) => BinaryPrimitives.ReadUInt128BigEndian(packet.Authenticator);

    static string AccessName(AccessMode access) => access switch
    {
        AccessMode.Full => "full",
        AccessMode.Throttled => "throttled",
        _ => "walled_garden",
    };
}
