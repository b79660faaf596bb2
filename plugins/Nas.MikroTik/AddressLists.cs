using System.Text;

namespace IspHost.Plugins.Nas.MikroTik;

/// <summary>The names of the firewall's address lists, which the routers' rules must know.</summary>
sealed record AddressLists
{
    /// <summary>Who may use the network.</summary>
    public string Online { get; init; } = "online";

    /// <summary>Who may reach the provider's own pages only.</summary>
    public string WalledGarden { get; init; } = "walled-garden";

    /// <summary>Refuses names that no attribute can carry, and two that are the same.</summary>
    public AddressLists Checked()
    {
        if (Encoding.UTF8.GetByteCount(Online) is 0 or > 247 || Encoding.UTF8.GetByteCount(WalledGarden) is 0 or > 247)
            throw new ArgumentException("The name of an address list has 1 to 247 octets.");
        return Online != WalledGarden ? this : throw new ArgumentException("OnlineList and WalledGardenList are the same.");
    }
}
