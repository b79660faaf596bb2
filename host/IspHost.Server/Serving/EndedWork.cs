namespace IspHost.Server.Serving;

/// <summary>Background work that ended though nobody had stopped it.</summary>
/// <remarks>
/// The framework then stops the host as if all were well, and the process would end with code 0, after which systemd does not start
/// it again. To go on without the work would leave a node half alive. So it stops, and says why.
/// </remarks>
static class EndedWork
{
    /// <summary>What ended and why, in one line; null if nothing did.</summary>
    public static string? In(IServiceProvider services)
    {
        foreach (var work in services.GetServices<IHostedService>().OfType<BackgroundService>())
        {
            if (work.ExecuteTask is { IsFaulted: true, Exception.InnerException: { } cause })
                return $"The server stopped because {work.GetType().Name} failed: {cause.Message.ReplaceLineEndings(" ")}";
        }
        return null;
    }
}
