using System.Buffers;
using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using IspHost.Scripting.Shared;

namespace IspHost.Scripting.Workers;

/// <summary>A child process and the socket to it.</summary>
sealed class WorkerProcess : IAsyncDisposable
{
    const int LongestWords = 500;

    static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    readonly Process process;
    readonly LastWords lastWords;
    readonly byte[] header = new byte[Frames.HeaderBytes];
    Socket socket = null!;
    Task sending = Task.CompletedTask;
    byte[] content = new byte[16 << 10];

    WorkerProcess(Process process) => (this.process, lastWords) = (process, new LastWords(process.StandardError));

    /// <summary>The layers of protection that the worker says it has put on.</summary>
    public IReadOnlyList<string> Layers { get; private set; } = [];

    public int Id => process.Id;

    /// <summary>What it has computed so far, in the kernel's ticks of some 10 ms.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            try
            {
                process.Refresh();
                return process.TotalProcessorTime;
            }
            catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
            {
                // It has ended, which whoever waits for its answer is told by the socket.
                return TimeSpan.Zero;
            }
        }
    }

    /// <exception cref="ScriptsUnavailableException">It did not come up, or not as it has to be.</exception>
    public static async Task<WorkerProcess> StartAsync(WorkerLaunch launch, CancellationToken stop)
    {
        try
        {
            return await TryStartAsync(launch, stop);
        }
        catch (Exception failure) when (IsOfStarting(failure) || IsLate(failure, stop))
        {
            throw new ScriptsUnavailableException($"The worker for price scripts did not start: {failure.Message}", failure);
        }
    }

    static bool IsOfStarting(Exception failure) => failure is not ScriptsUnavailableException
        && failure is IOException or Win32Exception or UnauthorizedAccessException;

    static bool IsLate(Exception failure, CancellationToken stop) => failure is OperationCanceledException && !stop.IsCancellationRequested;

    static async Task<WorkerProcess> TryStartAsync(WorkerLaunch launch, CancellationToken stop)
    {
        var path = launch.NewSocketPath();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        try
        {
            listener.Listen(1);
            launch.OpenToWorker(path);
            return await ConnectedAsync(new WorkerProcess(launch.Start(path)), listener, launch, stop);
        }
        finally
        {
            File.Delete(path);
        }
    }

    static async Task<WorkerProcess> ConnectedAsync(WorkerProcess worker, Socket listener, WorkerLaunch launch, CancellationToken stop)
    {
        try
        {
            await worker.ConnectAsync(listener, RandomNumberGenerator.GetHexString(32), stop);
            launch.Demand(worker.Layers);
            await worker.SendAsync(launch.Bounds());
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    async Task ConnectAsync(Socket listener, string token, CancellationToken stop)
    {
        await GreetFirstAsync(token, stop);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(StartTime);
        var exit = process.WaitForExitAsync(patience.Token);
        var accepted = listener.AcceptAsync(patience.Token).AsTask();
        if (await Task.WhenAny(accepted, exit) == exit)
            throw new WorkerLost(Codes.NotRun, PlainText.Line(await lastWords.ReadAsync(), LongestWords));
        socket = await accepted;
        socket.SendBufferSize = socket.ReceiveBufferSize = 1 << 20;
        Greet(await ReceiveAsync(StartTime), token);
    }

    async Task GreetFirstAsync(string token, CancellationToken stop)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(token.AsMemory(), stop);
            await process.StandardInput.FlushAsync(stop);
        }
        catch (IOException)
        {
            // It has ended already: whoever waits for it to connect is told by its last words.
        }
    }

    void Greet((FrameKind Kind, ReadOnlyMemory<byte> Content) frame, string token)
    {
        var hello = new WireReader(frame.Content.Span);
        if (frame.Kind != FrameKind.Hello || hello.Text() != token)
            throw WorkerLost.Babbling();
        Layers = hello.Text().Split(',', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Puts a frame behind those that are still being sent. A failure shows when the next frame is received.</summary>
    public Task SendAsync(WireWriter frame)
    {
        // A batch is large enough for the heap that is only collected with all others: such an array is used again.
        var buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.Frame.CopyTo(buffer);
        return sending = SendAfterAsync(sending, buffer, frame.Length);
    }

    async Task SendAfterAsync(Task before, byte[] buffer, int length)
    {
        await before;
        try
        {
            for (var sent = 0; sent < length;)
                sent += await socket.SendAsync(buffer.AsMemory(sent, length - sent));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The receiving side sees the same end of the worker and says so.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The worker's next frame, valid until the one after.</summary>
    /// <exception cref="WorkerLost">It died, or computed for this long without a word, or says nonsense.</exception>
    public async Task<(FrameKind Kind, ReadOnlyMemory<byte> Content)> ReceiveAsync(TimeSpan silence)
    {
        using var patience = new Patience(this, silence);
        try
        {
            await FillAsync(header, patience);
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 0 or > Frames.LongestBytes)
                throw WorkerLost.Babbling();
            if (content.Length < length)
                content = new byte[length];
            await FillAsync(content.AsMemory(0, length), patience);
            return ((FrameKind)header[4], content.AsMemory(0, length));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            throw WorkerLost.Dead(await lastWords.ReadAsync());
        }
    }

    async Task FillAsync(Memory<byte> buffer, Patience patience)
    {
        while (buffer.Length > 0)
            try
            {
                var read = await socket.ReceiveAsync(buffer, patience.Token);
                if (read == 0)
                    throw WorkerLost.Dead(await lastWords.ReadAsync());
                buffer = buffer[read..];
            }
            catch (OperationCanceledException)
            {
                patience.Renew();
            }
    }

    /// <summary>From any thread, at any time: whoever waits for a frame gets <see cref="WorkerLost"/>.</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        socket?.Dispose();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public override string ToString() => process.Id.ToString(CultureInfo.InvariantCulture);
}
