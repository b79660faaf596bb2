namespace IspHost.Server.Serving;

/// <summary>How much is logged, and in which form.</summary>
static class Logs
{
    public static void Use(this ILoggingBuilder logging, LogStyle style)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(style is LogStyle.Quiet ? LogLevel.Warning : LogLevel.Information);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Warning);
        // Why a start failed is said in one line by whoever started it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // At each start it compares its first tick with the machine's start, and complains.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        if (style is LogStyle.Json)
        {
            logging.AddJsonConsole(json => json.UseUtcTimestamp = true);
        }
        else
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
            // Answers of the command line go to standard output, so that a program can read them.
            logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
                console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }
    }
}
