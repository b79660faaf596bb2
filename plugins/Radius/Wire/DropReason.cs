namespace IspHost.Plugins.Radius.Wire;

/// <summary>Why a datagram got no answer. The names are the values of the metrics' tag.</summary>
enum DropReason
{
    None,

    /// <summary>Fewer octets than a header has.</summary>
    TooShort,

    /// <summary>The Length field is below 20, above 4096, or more than arrived.</summary>
    BadLength,

    /// <summary>An attribute has a length below 2 or runs past the end.</summary>
    BadAttribute,

    /// <summary>More attributes than any access server sends: making us look at them is the attack.</summary>
    TooManyAttributes,

    /// <summary>Message-Authenticator is not 16 octets, or there are two.</summary>
    MalformedMessageAuthenticator,

    /// <summary>No device has this address.</summary>
    UnknownSource,

    /// <summary>The packet does not belong on this port.</summary>
    UnexpectedCode,

    /// <summary>The Request Authenticator was not made with the secret.</summary>
    BadAuthenticator,

    /// <summary>The Message-Authenticator was not made with the secret.</summary>
    BadMessageAuthenticator,

    /// <summary>The device must send Message-Authenticator and did not.</summary>
    MissingMessageAuthenticator,

    /// <summary>Devices of several tenants have this address, and the packet does not tell which one it is from.</summary>
    AmbiguousDevice,

    /// <summary>Proxy-State without Message-Authenticator is how CVE-2024-3596 is exploited.</summary>
    UnprotectedProxyState,

    /// <summary>Nothing in the packet proves anything.</summary>
    NoCredentials,

    /// <summary>An Accounting-Request without a known Acct-Status-Type.</summary>
    NoStatusType,

    /// <summary>An Accounting-Request about no session.</summary>
    NoSessionId,

    /// <summary>The same request is being worked on.</summary>
    InProgress,

    /// <summary>The record could not be stored, so it must not be acknowledged.</summary>
    NotStored,

    /// <summary>The address could not be assigned now; another server, or a later try, may.</summary>
    NoAddress,

    /// <summary>Working on the request failed, by a fault of ours.</summary>
    Failed,

    /// <summary>What must be echoed leaves no room for the answer.</summary>
    ReplyTooLong,
}
