namespace IspHost.ScriptWorker;

/// <summary>Standard input ends when the host has gone, however it went; a script that hangs cannot keep the worker alive then.</summary>
static class Lifeline
{
    public static void Hold(TextReader input) => new Thread(() =>
    {
        while (input.ReadLine() is not null)
        {
            // The host says nothing more.
        }

        Environment.Exit(0);
    }, 128 << 10)
    { IsBackground = true }.Start();
}
