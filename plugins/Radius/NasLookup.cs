using System.Diagnostics.CodeAnalysis;
using System.Net;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Nas;

namespace IspHost.Plugins.Radius;

/// <summary>Finds out which device a packet is from. The tenant follows from the device, never from what the packet says.</summary>
sealed class NasLookup(INasDevices devices)
{
    delegate bool Check(in Packet packet, ReadOnlySpan<byte> secret);

    /// <summary>For Access-Request and Status-Server.</summary>
    public bool TryFindForAccess(in Packet packet, IPAddress source, [NotNullWhen(true)] out NasDevice? device, out DropReason reason)
    {
        var candidates = At(source);
        device = null;
        if (candidates.Count == 0)
            reason = DropReason.UnknownSource;
        else if (packet.HasMessageAuthenticator)
            device = Prover(packet, candidates, Signature.IsAccessRequestBy, DropReason.BadMessageAuthenticator, out reason);
        else
            device = Trusted(packet, candidates, out reason);
        return device is not null;
    }

    /// <summary>For Accounting-Request, whose authenticator always proves its origin.</summary>
    public bool TryFindForAccounting(in Packet packet, IPAddress source, [NotNullWhen(true)] out NasDevice? device, out DropReason reason)
    {
        var candidates = At(source);
        device = null;
        if (candidates.Count == 0)
            reason = DropReason.UnknownSource;
        else
            device = Prover(packet, candidates, Signature.IsHashedRequestBy, DropReason.BadAuthenticator, out reason);
        return device is not null;
    }

    IReadOnlyList<NasDevice> At(IPAddress source) => devices.At(source.IsIPv4MappedToIPv6 ? source.MapToIPv4() : source);

    static NasDevice? Prover(in Packet packet, IReadOnlyList<NasDevice> candidates, Check check, DropReason failure, out DropReason reason)
    {
        NasDevice? found = null;
        foreach (var candidate in candidates)
        {
            if (!check(packet, candidate.Secret.Span))
                continue;
            if (found is not null && found.Tenant != candidate.Tenant)
            {
                // Two tenants with one address and one secret: to guess would be to serve one the other's subscribers.
                reason = DropReason.AmbiguousDevice;
                return null;
            }
            found ??= candidate;
        }
        reason = found is null ? failure : DropReason.None;
        return found;
    }

    /// <summary>
    /// Without Message-Authenticator only the source address speaks for a request, and only for a device that may do without. What
    /// another device at this address must have is no matter of this one: otherwise a tenant could silence another one's.
    /// </summary>
    static NasDevice? Trusted(in Packet packet, IReadOnlyList<NasDevice> candidates, out DropReason reason)
    {
        reason = DropReason.MissingMessageAuthenticator;
        if (packet.Code == PacketCode.StatusServer || packet.Has(AttributeType.EapMessage))
            return null;
        NasDevice? found = null;
        foreach (var candidate in candidates)
        {
            if (candidate.RequireMessageAuthenticator)
                continue;
            if (found is not null)
            {
                reason = DropReason.AmbiguousDevice;
                return null;
            }
            found = candidate;
        }
        if (found is null)
            return null;
        reason = packet.Has(AttributeType.ProxyState) ? DropReason.UnprotectedProxyState : DropReason.None;
        return reason == DropReason.None ? found : null;
    }
}
