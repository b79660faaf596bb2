using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using IspHost.Core.Tenancy;
using IspHost.Core.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace IspHost.Server.Serving;

/// <summary>A log line as a JSON document, with the tenant and the plugin that it is about, where they are known.</summary>
sealed class JsonLines(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "json-lines";

    static readonly HttpContextAccessor Http = new();

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, logEntry);
        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    void Write<TState>(Utf8JsonWriter json, in LogEntry<TState> entry)
    {
        var values = entry.State as IReadOnlyCollection<KeyValuePair<string, object?>> ?? [];
        json.WriteStartObject();
        json.WriteString("time", time.GetUtcNow());
        json.WriteString("level", entry.LogLevel.ToString());
        json.WriteString("category", entry.Category);
        json.WriteString("message", entry.Formatter?.Invoke(entry.State, entry.Exception));
        if ((Of(values, "Tenant") ?? Tenant()) is { } tenant)
            json.WriteString("tenant", tenant);
        if (Of(values, "Plugin") is { } plugin)
            json.WriteString("plugin", plugin);
        if (Activity.Current is { } activity)
            json.WriteString("trace", activity.TraceId.ToHexString());
        if (entry.Exception is { } exception)
            json.WriteString("exception", exception.ToString());
        json.WriteStartObject("values");
        foreach (var (name, value) in values.Where(value => value.Key is not ("Tenant" or "Plugin" or "{OriginalFormat}")))
            json.WriteString(name, Text(value));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>That of the work that is being done, or of the request that is being answered.</summary>
    static string? Tenant()
        => TenantScope.Current?.ToString() ?? Http.HttpContext?.User.FindFirst(Policies.Tenant)?.Value;

    static string? Of(IReadOnlyCollection<KeyValuePair<string, object?>> values, string name)
        => values.FirstOrDefault(value => value.Key == name).Value is { } value ? Text(value) : null;

    static string? Text(object? value)
        => value is IFormattable number ? number.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();
}
