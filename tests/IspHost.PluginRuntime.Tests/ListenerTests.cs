using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.PluginRuntime.Tests;

public sealed class ListenerTests
{
    static void Listening(PluginRuntimeOptions options)
    {
        options.Configuration = TestHost.Settings(("Plugins:greets:Listen", "yes"));
        options.ListenAddress = IPAddress.Loopback;
    }

    [Fact]
    public async Task Twenty_swaps_while_datagrams_stream_lose_none()
    {
        await using var host = TestHost.Start(Listening);
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        using var client = new UdpClient();
        client.Connect(host.Listeners.Single().EndPoint);
        using var done = new CancellationTokenSource();
        var stream = Task.Run(() => StreamAsync(client, done.Token));

        var reports = new List<ReplacementReport>();
        for (var i = 0; i < 20; i++)
            reports.Add(await host.ReplaceAsync("greets", i % 2 == 0 ? Fixtures.GreetsNext : Fixtures.Greets, TestHost.Stop));
        await done.CancelAsync();
        var (sent, answered) = await stream;

        Assert.True(sent > 1_000, $"{sent} were sent");
        Assert.Equal(sent, answered);
        Assert.All(reports, report => Assert.True(report.Old is { Drained: true, Unloaded: true }, report.ToString()));
        Assert.Equal((sent, sent, 0L), Counted(host));
    }

    [Fact]
    public async Task The_socket_stays_over_a_swap_and_closes_with_the_plugin()
    {
        await using var host = TestHost.Start(Listening);
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        var before = host.Listeners.Single().EndPoint;

        await host.ReplaceAsync("greets", Fixtures.GreetsNext, TestHost.Stop);
        Assert.Equal(before, host.Listeners.Single().EndPoint);

        await host.RemoveAsync("greets", TestHost.Stop);
        Assert.Empty(host.Listeners);
        using var another = new UdpClient(before);
    }

    [Fact]
    public async Task A_port_in_use_refuses_the_plugin_and_names_listener_and_port()
    {
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)other.Client.LocalEndPoint!).Port;
        await using var host = TestHost.Start(options =>
        {
            Listening(options);
            options.Ports["echo"] = port;
        });

        var refused = await Assert.ThrowsAsync<PluginLoadException>(() => host.LoadAsync(Fixtures.Greets, TestHost.Stop));

        Assert.Contains($"listener 'echo' cannot have UDP port {port} of 127.0.0.1: Address already in use", refused.Message);
        Assert.Equal(PluginState.Failed, host.Status.Single().State);
    }

    [Fact]
    public async Task A_datagram_that_is_too_long_is_dropped_and_counted()
    {
        await using var host = TestHost.Start(options =>
        {
            Listening(options);
            options.MaxDatagramBytes = 16;
        });
        await host.LoadAsync(Fixtures.Greets, TestHost.Stop);
        using var client = new UdpClient();
        client.Connect(host.Listeners.Single().EndPoint);

        await client.SendAsync(new byte[17], TestHost.Stop);
        await client.SendAsync(new byte[16], TestHost.Stop);
        var answer = await client.ReceiveAsync(TestHost.Stop);

        Assert.Equal(17, answer.Buffer.Length);
        Assert.Equal(1, host.Listeners.Single().Oversized);
    }

    [Fact(Timeout = 60_000)]
    public async Task Handlers_that_hang_cost_their_own_batches_and_no_others()
    {
        var time = new FakeTimeProvider();
        await using var host = TestHost.Start(
            options =>
            {
                Listening(options);
                (options.DrainDeadline, options.CancelGrace) = (TimeSpan.Zero, TimeSpan.Zero);
            },
            time);
        await host.LoadAsync(Fixtures.Greets, TestContext.Current.CancellationToken);
        using var client = new UdpClient();
        client.Connect(host.Listeners.Single().EndPoint);
        for (var hanging = 1; hanging <= 2; hanging++) // As many as work at once.
        {
            await client.SendAsync(new byte[] { 255 }, TestContext.Current.CancellationToken);
            while (host.Status.Single().OpenLeases < hanging)
                await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        // A lease may be open before the deadline of its batch has begun, so time goes on until both are over.
        var answer = client.ReceiveAsync(TestContext.Current.CancellationToken).AsTask();
        while (!answer.IsCompleted)
        {
            await client.SendAsync(new byte[] { 1 }, TestContext.Current.CancellationToken);
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal([1, 1], (await answer).Buffer);
        while (host.Listeners.Single().Failed < 2)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task A_fault_of_the_socket_is_counted_and_does_not_end_listening()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems tell a socket of its faults in other ways.");
        await using var host = TestHost.Start(Listening);
        await host.LoadAsync(Fixtures.Greets, TestContext.Current.CancellationToken);
        var socket = SocketOf(Assert.Single(OpenOf(ListenersOf(host)).Values));
        var listener = host.Listeners.Single().EndPoint;

        // Linux tells a receiver that nobody listens any more where it has sent an answer, if it wants to know.
        Tell(socket, true);
        while (host.Listeners.Single().Interrupted == 0)
        {
            using (var gone = new UdpClient())
                await gone.SendAsync(new byte[] { 7 }, listener, TestContext.Current.CancellationToken);
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
        Tell(socket, false);

        Assert.Equal([1, 7], await AskAsync(listener));

        static void Tell(Socket socket, bool isWanted)
        {
            const int Ip = 0, ReceiveErrors = 11;
            socket.SetRawSocketOption(Ip, ReceiveErrors, BitConverter.GetBytes(isWanted ? 1 : 0));
        }
    }

    /// <summary>Asks until there is an answer: the first one may still meet what the socket has to tell.</summary>
    static async Task<byte[]> AskAsync(IPEndPoint listener)
    {
        using var client = new UdpClient();
        client.Connect(listener);
        while (true)
        {
            await client.SendAsync(new byte[] { 7 }, TestHost.Stop);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestHost.Stop);
            patience.CancelAfter(TimeSpan.FromSeconds(1));
            try
            {
                return (await client.ReceiveAsync(patience.Token)).Buffer;
            }
            catch (OperationCanceledException) when (!TestHost.Stop.IsCancellationRequested)
            {
                // Once more.
            }
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "listeners")]
    static extern ref UdpListeners ListenersOf(PluginHost host);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "open")]
    static extern ref Dictionary<string, UdpListener> OpenOf(UdpListeners listeners);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "socket")]
    static extern ref Socket SocketOf(UdpListener listener);

    static (long, long, long) Counted(PluginHost host)
        => host.Listeners.Single() is { } echo ? (echo.Received, echo.Answered, echo.Dropped) : default;

    /// <summary>Sends in windows of 32 and reads all answers of a window before the next.</summary>
    static async Task<(long Sent, long Answered)> StreamAsync(UdpClient client, CancellationToken done)
    {
        const int Window = 32;
        var (sent, answered) = (0L, 0L);
        while (!done.IsCancellationRequested)
        {
            for (var i = 0; i < Window; i++, sent++)
                await client.SendAsync(BitConverter.GetBytes(sent), CancellationToken.None);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            for (var i = 0; i < Window; i++, answered++)
                await client.ReceiveAsync(patience.Token);
        }

        return (sent, answered);
    }
}
