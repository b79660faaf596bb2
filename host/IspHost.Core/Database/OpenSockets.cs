using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Npgsql;
using Npgsql.Internal;

namespace IspHost.Core.Database;

/// <summary>The sockets of the connections that are open, so that whatever waits for a database that hangs can be ended.</summary>
/// <remarks>
/// Npgsql (10.0.3) ends a command by asking the server to stop it: over a connection of its own, with a thread for each command, and as
/// long as a connection may take to open. A server that is silent would so take the node's threads as well. A socket that is shut
/// fails what waits for it at once, and with an error that is worth another try.
/// </remarks>
sealed class OpenSockets
{
    readonly ConditionalWeakTable<Socket, object> sockets = [];

    public void Follow(NpgsqlDataSourceBuilder builder) => builder.UsePhysicalConnectionInitializer(
        Note,
        connection =>
        {
            Note(connection);
            return Task.CompletedTask;
        });

    /// <summary>Shuts all of them.</summary>
    public void Shut()
    {
        foreach (var (socket, _) in sockets)
        {
            try
            {
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception cause) when (cause is SocketException or ObjectDisposedException)
            {
                // It has ended already.
            }
        }
    }

    void Note(NpgsqlConnection connection) => sockets.Add(SocketOf(ConnectorOf(connection)), this);

    // Npgsql hands out neither. Should a new version name them otherwise, no connection opens and every test says so.
#pragma warning disable NPG9001 // The connector's type is public only as an experiment.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Connector")]
    static extern NpgsqlConnector ConnectorOf(NpgsqlConnection connection);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    static extern ref Socket SocketOf(NpgsqlConnector connector);
#pragma warning restore NPG9001
}
