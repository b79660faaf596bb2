using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging.Console;

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
        logging.AddFilter("Polly", LogLevel.Warning);
        // Why a start failed is said in one line by whoever started it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        // It repeats at each look what is logged once, when it changes.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // A row that the database refuses is an answer; where it is none, whoever made the request or ran the job logs it.
        logging.AddFilter("Microsoft.EntityFrameworkCore.Database.Command", LogLevel.Critical);
        logging.AddFilter("Microsoft.EntityFrameworkCore.Update", LogLevel.Critical);
        // It warns of a key that it makes at the first start and that nothing here uses.
        logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        // At each start it compares its first tick with the machine's start, and complains.
        logging.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Error);
        // Answers of the command line go to standard output, so that a program can read them.
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (style is LogStyle.Json)
            logging.AddConsole(console => console.FormatterName = JsonLines.FormatterName)
                .AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        else
            logging.AddSimpleConsole(console => console.SingleLine = true);
        logging.Services.RemoveAll<ILoggerProvider>();
        logging.Services.AddSingleton<ILoggerProvider>(services => new ClusterLog(
            ActivatorUtilities.CreateInstance<ConsoleLoggerProvider>(services), TimeProvider.System));
    }
}
