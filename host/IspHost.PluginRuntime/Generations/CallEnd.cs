namespace IspHost.PluginRuntime;

/// <summary>Cancelled when a call must end: at its deadline, when its caller gives up, or when the plugin has to go.</summary>
/// <remarks>
/// The plugin gets a token of its own, cancelled from the pool: what it has registered there may block or throw, and must not do so
/// to whoever cancels.
/// </remarks>
sealed class CallEnd : IDisposable
{
    readonly CancellationTokenSource source;
    readonly CancellationTokenSource plugins = new();
    readonly CancellationTokenRegistration byCaller;
    readonly CancellationTokenRegistration byRuntime;

    public CallEnd(TimeSpan deadline, TimeProvider time, CancellationToken caller, CancellationToken stopping)
    {
        source = new CancellationTokenSource(deadline, time);
        Token = source.Token;
        PluginToken = plugins.Token;
        Token.UnsafeRegister(static own => ThreadPool.UnsafeQueueUserWorkItem(Tell, (CancellationTokenSource)own!, false), plugins);
        byCaller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
        byRuntime = stopping.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
    }

    public CancellationToken Token { get; }

    public CancellationToken PluginToken { get; }

    public void Dispose()
    {
        byCaller.Dispose();
        byRuntime.Dispose();
        source.Dispose();
        plugins.Dispose();
    }

    static void Tell(CancellationTokenSource plugins)
    {
        try
        {
            plugins.Cancel();
        }
        catch (Exception) // A boundary to foreign code; the call may also have ended in this moment.
        {
        }
    }
}
