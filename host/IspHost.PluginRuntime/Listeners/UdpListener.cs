using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using IspHost.Sdk.Datagrams;
using Microsoft.Extensions.Logging;

namespace IspHost.PluginRuntime;

/// <summary>A UDP socket of the host's. Generations of a plugin take turns in emptying its queue; the socket stays.</summary>
sealed partial class UdpListener : IDisposable
{
    const int MaxBatch = 512;
    const int TracedBatch = 100;
    const int Dispatchers = 2;
    const int ReceiveBuffer = 8 * 1024 * 1024;

    static readonly TimeSpan PauseAfterTrouble = TimeSpan.FromMilliseconds(10);

    readonly Slot<IDatagramHandler> slot;
    readonly Socket socket;
    readonly Channel<ReceivedDatagram> queue;
    readonly PluginRuntimeOptions options;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly CancellationTokenSource closing = new();
    long received;
    long answered;
    long dropped;
    long oversized;
    long failed;
    long interrupted;
    long batches;

    public UdpListener(
        string plugin, Slot<IDatagramHandler> slot, IPEndPoint address, PluginRuntimeOptions options, TimeProvider time, ILogger log)
    {
        (Plugin, this.slot, this.options, this.time, this.log) = (plugin, slot, options, time, log);
        queue = Channel.CreateBounded<ReceivedDatagram>(new BoundedChannelOptions(options.QueueLength) { SingleWriter = true });
        socket = Open(address);
        _ = ReceiveAsync(closing.Token);
    }

    /// <summary>A batch is of all tenants.</summary>
    static TenantId Everybody => default;

    /// <summary>Who has it opened.</summary>
    public string Plugin { get; }

    public string Name => slot.Name;

    public bool IsOffered => slot.IsOffered;

    public ListenerStatus Status => new()
    {
        Name = slot.Name,
        Plugin = Plugin,
        EndPoint = (IPEndPoint)socket.LocalEndPoint!,
        Received = Interlocked.Read(ref received),
        Answered = Interlocked.Read(ref answered),
        Dropped = Interlocked.Read(ref dropped),
        Oversized = Interlocked.Read(ref oversized),
        Failed = Interlocked.Read(ref failed),
        Interrupted = Interlocked.Read(ref interrupted),
    };

    /// <summary>Lets a generation work on what arrives until it retires.</summary>
    public void Serve(Generation generation)
    {
        for (var i = 0; i < Dispatchers; i++)
            _ = Task.Run(() => DispatchAsync(generation));
    }

    /// <summary>Never throws: a lost answer looks like any lost datagram.</summary>
    public void Send(ReadOnlySpan<byte> payload, SocketAddress to)
    {
        try
        {
            socket.SendTo(payload, SocketFlags.None, to);
            Interlocked.Increment(ref answered);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            SendFailed(log, slot.Name, e.Message);
        }
    }

    public void Dispose()
    {
        closing.Cancel();
        socket.Dispose();
        queue.Writer.TryComplete();
        while (queue.Reader.TryRead(out var waiting))
            waiting.Close();
    }

    static Socket Open(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            Widen(socket);
            socket.Bind(address);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Room for what arrives while all threads are busy. The kernel grants less to all but root.</summary>
    static void Widen(Socket socket)
    {
        const int SolSocket = 1;
        const int ReceiveBufferForce = 33;
        socket.ReceiveBufferSize = ReceiveBuffer;
        socket.SendBufferSize = ReceiveBuffer;
        if (!OperatingSystem.IsLinux())
            return;

        try
        {
            socket.SetRawSocketOption(SolSocket, ReceiveBufferForce, BitConverter.GetBytes(ReceiveBuffer));
        }
        catch (SocketException)
        {
            // Not root: net.core.rmem_max is what there is.
        }
    }

    async Task ReceiveAsync(CancellationToken stop)
    {
        var buffer = GC.AllocateUninitializedArray<byte>(options.MaxDatagramBytes + 1, pinned: true);
        var from = new SocketAddress(socket.AddressFamily);
        var peers = new Peers();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var length = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from, stop);
                Accept(buffer.AsSpan(0, length), peers.At(from));
            }
            catch (Exception) when (stop.IsCancellationRequested)
            {
                return;
            }
            // Nobody waits for this loop: whatever would end it would close the port, and nobody would hear of it.
            catch (Exception e)
            {
                Interlocked.Increment(ref interrupted);
                ReceiveFailed(log, slot.Name, e.Message);
                await Task.Delay(PauseAfterTrouble, time, CancellationToken.None);
            }
        }
    }

    void Accept(ReadOnlySpan<byte> payload, Peer peer)
    {
        received++;
        if (payload.Length > options.MaxDatagramBytes)
        {
            oversized++;
            return;
        }

        var datagram = new ReceivedDatagram(this, peer, payload);
        if (queue.Writer.TryWrite(datagram))
            return;

        dropped++;
        datagram.Close();
    }

    async Task DispatchAsync(Generation generation)
    {
        options.ListenerFlowBegins?.Invoke();
        try
        {
            while (await queue.Reader.WaitToReadAsync(generation.Retiring) && generation.TryAcquire())
                await HandleWaitingAsync(generation);
        }
        catch (OperationCanceledException)
        {
            // Another generation has taken over.
        }
    }

    async Task HandleWaitingAsync(Generation generation)
    {
        var batch = TakeBatch();
        var offer = generation.Find(slot.Number)!;
        if (batch.Length > 0 && offer.Breakers.Allows(Everybody, out var watched))
            await HandleInTimeAsync(generation, offer, watched, batch);
        else
            Drop(generation, batch);
    }

    /// <summary>
    /// A handler that hangs loses this batch at the deadline, and hears no more of it; the lease stays until its code really ends. Only
    /// that opens the breaker: what a datagram can make a handler throw must not keep the datagrams of others from it.
    /// </summary>
    async Task HandleInTimeAsync(Generation generation, Offer offer, WatchedCall? watched, ReceivedDatagram[] batch)
    {
        options.DatagramsCame?.Invoke();
        var end = new CallEnd(options.ListenerDeadline, time, CancellationToken.None, generation.Stopping);
        try
        {
            await Task.Run(() => HandleAsync(generation, offer, batch, end)).WaitAsync(end.Token);
            if (watched is not null)
                offer.Breakers.Answered(Everybody, watched);
        }
        catch (OperationCanceledException)
        {
            foreach (var datagram in batch)
                datagram.Abandon();
            Interlocked.Add(ref failed, batch.Length);
            offer.Breakers.Unanswered(Everybody, watched);
            HandlerHangs(log, slot.Name, generation.Manifest.Id, batch.Length, options.ListenerDeadline);
        }
    }

    async Task HandleAsync(Generation generation, Offer offer, ReceivedDatagram[] batch, CallEnd end)
    {
        // The other batches would say the same, at a rate that fills any store of traces.
        using var trace = Interlocked.Increment(ref batches) % TracedBatch == 0 ? RuntimeTraces.Begin(slot, tenant: null) : null;
        try
        {
            await ((IDatagramHandler)offer.Implementation).HandleAsync(batch, end.PluginToken);
        }
        catch (Exception e) // The boundary to foreign code.
        {
            if (!end.Token.IsCancellationRequested) // Otherwise it has been counted as one that hangs.
            {
                Interlocked.Add(ref failed, batch.Length);
                HandlerFailed(log, slot.Name, generation.Manifest.Id, e.ToString());
            }
        }
        finally
        {
            foreach (var datagram in batch)
                datagram.Close();
            generation.Release();
            end.Dispose();
        }
    }

    void Drop(Generation generation, ReceivedDatagram[] batch)
    {
        foreach (var datagram in batch)
            datagram.Close();
        Interlocked.Add(ref failed, batch.Length);
        generation.Release();
    }

    ReceivedDatagram[] TakeBatch()
    {
        if (!queue.Reader.TryRead(out var first))
            return [];

        var batch = new List<ReceivedDatagram>(Math.Min(queue.Reader.Count + 1, MaxBatch)) { first };
        while (batch.Count < MaxBatch && queue.Reader.TryRead(out var next))
            batch.Add(next);
        return [.. batch];
    }

    [LoggerMessage(LogLevel.Debug, "Listener {Listener} could not send an answer: {Reason}")]
    static partial void SendFailed(ILogger log, string listener, string reason);

    [LoggerMessage(LogLevel.Warning, "Listener {Listener} could not receive: {Reason}")]
    static partial void ReceiveFailed(ILogger log, string listener, string reason);

    [LoggerMessage(LogLevel.Error, "Listener {Listener}: plugin {Plugin} did nothing about {Count} datagrams within {Deadline}")]
    static partial void HandlerHangs(ILogger log, string listener, string plugin, int count, TimeSpan deadline);

    [LoggerMessage(LogLevel.Error, "Listener {Listener}: plugin {Plugin} failed: {Reason}")]
    static partial void HandlerFailed(ILogger log, string listener, string plugin, string reason);
}
