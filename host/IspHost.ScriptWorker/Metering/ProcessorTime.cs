using IspHost.ScriptWorker.Limits;

namespace IspHost.ScriptWorker.Metering;

/// <summary>What the calling thread has computed. Others on the machine do not make it longer, as they do the wall clock's.</summary>
static class ProcessorTime
{
    static readonly long Started = Environment.TickCount64;

    /// <summary>Where the system does not tell, the wall clock has to do.</summary>
    public static TimeSpan OfThread => OperatingSystem.IsLinux() && Libc.TryGetThreadTime(out var time)
        ? time
        : TimeSpan.FromMilliseconds(Environment.TickCount64 - Started);
}
