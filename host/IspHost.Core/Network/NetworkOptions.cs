namespace IspHost.Core.Network;

/// <summary>What the operator allows of tenants' networks.</summary>
public sealed record NetworkOptions
{
    /// <summary>
    /// Whether access servers may have addresses of this machine and its link: loopback, link-local, and where clouds keep the
    /// secrets of a machine. CoA-Requests go to the address and port that a tenant names, so only an operator whose tenants are
    /// trusted, or a test, allows it.
    /// </summary>
    public bool AllowLocalDevices { get; init; }
}
