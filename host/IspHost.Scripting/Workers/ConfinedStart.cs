using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace IspHost.Scripting.Workers;

/// <summary>Starts a program that opens nothing but these files and folders, where the kernel can hold it to that.</summary>
static class ConfinedStart
{
    /// <summary>On a thread that gives the rest up, passes that on to its child, and ends.</summary>
    public static Process? Start(ProcessStartInfo start, IReadOnlyList<string> readable)
    {
        Process? process = null;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Landlock.TryRestrictThread(readable);
                process = Process.Start(start);
            }
            catch (Exception cause)
            {
                // Thrown again below, where the caller is.
                failure = ExceptionDispatchInfo.Capture(cause);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return process;
    }
}
