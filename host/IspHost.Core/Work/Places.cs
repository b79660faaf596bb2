using IspHost.Sdk;

namespace IspHost.Core.Work;

/// <summary>How many things may be under way at once, and who holds them.</summary>
/// <remarks>
/// A tenant may hold half of the places that the others leave, and always one. So whoever is alone gets on, whoever hangs leaves room,
/// and of several that hang each leaves half of it.
/// </remarks>
sealed class Places(int most)
{
    readonly Lock gate = new();
    readonly Dictionary<TenantId, int> held = [];
    int taken;

    public int Most => most;

    public int Free
    {
        get
        {
            lock (gate)
                return most - taken;
        }
    }

    /// <summary>Who holds how many.</summary>
    public IReadOnlyDictionary<TenantId, int> Held
    {
        get
        {
            lock (gate)
                return new Dictionary<TenantId, int>(held);
        }
    }

    public void Take(TenantId tenant)
    {
        lock (gate)
        {
            taken++;
            held[tenant] = held.GetValueOrDefault(tenant) + 1;
        }
    }

    public void GiveBack(TenantId tenant)
    {
        lock (gate)
        {
            taken--;
            if (--held[tenant] == 0)
                held.Remove(tenant);
        }
    }
}
