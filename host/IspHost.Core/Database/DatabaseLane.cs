namespace IspHost.Core.Database;

/// <summary>What the present flow of calls belongs to. Each has connections of its own, so that none waits for another's.</summary>
public enum DatabaseLane
{
    /// <summary>Jobs, events, actors, and whatever else nobody waits for.</summary>
    Work,

    /// <summary>Requests of people and programs.</summary>
    Requests,

    /// <summary>Packets, whose senders give up after seconds.</summary>
    Packets,
}

/// <summary>The lane of the present flow of calls.</summary>
/// <remarks>
/// It is set at two entrances, where datagrams and where requests come in, and goes along with all that they call. So whoever needs a
/// connection asks one property of <see cref="HostConnections"/>, and a plugin knows nothing of it.
/// </remarks>
static class DatabaseLanes
{
    static readonly AsyncLocal<DatabaseLane> Lane = new();

    /// <summary>Set it in an async method: it holds until that ends.</summary>
    public static DatabaseLane Current
    {
        get => Lane.Value;
        set => Lane.Value = value;
    }
}
