using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Plugins.Radius.Access;

/// <summary>Who may come in.</summary>
sealed class AccessRules(ISubscribers subscribers)
{
    /// <summary>Judges a request by what is in memory.</summary>
    /// <param name="request">A request of this device.</param>
    /// <param name="device">It decides the tenant among whose subscribers the user is looked up.</param>
    /// <param name="credentials">What the request proves itself with.</param>
    /// <param name="subscriber">Who it is, if they may come in.</param>
    /// <param name="refusal">Why not, for the metrics: the peer is told nothing that would help it to guess.</param>
    public bool MayEnter(
        in Packet request, NasDevice device, CredentialKind credentials,
        [NotNullWhen(true)] out Subscriber? subscriber, [NotNullWhen(false)] out string? refusal)
    {
        subscriber = null;
        refusal = credentials switch
        {
            CredentialKind.None => "no_credentials",
            CredentialKind.Eap => "eap",
            CredentialKind.Several => "several_credentials",
            _ => null,
        };
        if (refusal is not null)
            return false;
        var found = Find(request, device);
        var isRight = Credentials.AreRight(request, credentials, found?.Password ?? "", device.Secret.Span);
        refusal = found switch
        {
            null => "unknown_user",
            _ when !isRight => "wrong_password",
            { Access: AccessMode.Blocked } => "blocked",
            _ => null,
        };
        subscriber = refusal is null ? found : null;
        return subscriber is not null;
    }

    Subscriber? Find(in Packet request, NasDevice device)
        => request.TryFind(AttributeType.UserName, out var name) && !name.IsEmpty && Utf8.IsValid(name)
            ? subscribers.Find(device.Tenant, Encoding.UTF8.GetString(name))
            : null;
}
