using System.Text.Json;
using IspHost.Core.Tenancy;
using IspHost.Sdk;
using IspHost.Server.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IspHost.Server.Tests;

public sealed class Lines_of_the_log
{
    [Fact]
    public void Name_the_plugin_and_the_tenant_that_they_are_about()
    {
        var tenant = TenantId.New();
        List<KeyValuePair<string, object?>> state = [new("Plugin", "Radius"), new("Calls", 3), new("{OriginalFormat}", "{Calls} calls")];

        using var scope = TenantScope.Enter(tenant);
        var line = LineOf(state, new InvalidOperationException("broken"));

        Assert.Equal("3 calls", line.GetProperty("message").GetString());
        Assert.Equal(tenant.ToString(), line.GetProperty("tenant").GetString());
        Assert.Equal("Radius", line.GetProperty("plugin").GetString());
        Assert.Equal("3", line.GetProperty("values").GetProperty("Calls").GetString());
        Assert.Contains("broken", line.GetProperty("exception").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void About_neither_name_none()
    {
        var line = LineOf("plain text", null);

        Assert.False(line.TryGetProperty("tenant", out _) || line.TryGetProperty("plugin", out _));
    }

    static JsonElement LineOf<T>(T state, Exception? exception)
    {
        using var text = new StringWriter();
        new JsonLines(TimeProvider.System).Write(
            new LogEntry<T>(LogLevel.Warning, "IspHost", default, state, exception, (_, _) => "3 calls"), scopeProvider: null, text);
        return JsonDocument.Parse(text.ToString()).RootElement;
    }
}
