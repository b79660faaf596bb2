using System.Net;
using System.Net.Sockets;

namespace IspHost.Testing;

/// <summary>Passes TCP connections on to a port that may change, so that a server's database can move while it is in use.</summary>
sealed class Relay : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task accepting;

    public Relay(int target)
    {
        Target = target;
        listener.Start();
        accepting = AcceptAsync();
    }

    /// <summary>Where new connections go.</summary>
    public int Target { get; set; }

    /// <summary>Where clients connect.</summary>
    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        listener.Stop();
        stop.Dispose();
    }

    async Task AcceptAsync()
    {
        while (true)
            _ = PassAsync(await listener.AcceptTcpClientAsync(stop.Token));
    }

    /// <summary>Ends both sides when either ends.</summary>
    async Task PassAsync(TcpClient client)
    {
        using var from = client;
        using var to = new TcpClient { NoDelay = true };
        from.NoDelay = true;
        try
        {
            await to.ConnectAsync(IPAddress.Loopback, Target, stop.Token);
            await Task.WhenAny(
                from.GetStream().CopyToAsync(to.GetStream(), stop.Token), to.GetStream().CopyToAsync(from.GetStream(), stop.Token));
        }
        catch (SocketException)
        {
            // Nobody listens there now: the client sees its connection end.
        }
    }
}
