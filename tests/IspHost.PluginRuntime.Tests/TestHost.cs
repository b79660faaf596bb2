using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.PluginRuntime.Tests;

/// <summary>Makes hosts for tests.</summary>
static class TestHost
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static PluginHost Start(
        Action<PluginRuntimeOptions>? configure = null, TimeProvider? time = null, ILoggerFactory? logs = null)
    {
        var options = new PluginRuntimeOptions();
        configure?.Invoke(options);
        return new PluginHost(options, logs ?? NullLoggerFactory.Instance, time ?? TimeProvider.System);
    }

    public static IConfiguration Settings(params (string Key, string Value)[] settings)
        => new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
            .Build();
}
