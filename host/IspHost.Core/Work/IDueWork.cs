namespace IspHost.Core.Work;

/// <summary>A kind of work that stands in the table of what is due.</summary>
interface IDueWork
{
    /// <summary>The lanes that this node can serve now, each with its places; several may share theirs.</summary>
    /// <remarks>What a node's plugins do not offer it does not take: another one has them, or will.</remarks>
    IEnumerable<(Lane Lane, Places Places)> Lanes { get; }

    /// <summary>Does it, and stores what comes of it in the row that it is about. Acts for its tenant.</summary>
    /// <returns>False if there is no such thing to do any more.</returns>
    /// <remarks>After an exception it is left to the node that takes it when its lease has ended, or has been given back.</remarks>
    Task<bool> DoAsync(DueItem item, CancellationToken stop);
}
