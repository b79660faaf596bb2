using IspHost.Core.ApiKeys;
using IspHost.Server.Client;
using IspHost.Server.Serving;

namespace IspHost.Server.Demo;

/// <summary>What somebody needs who wants to ask the demo's API: a key, and requests to begin with.</summary>
static class DemoAccess
{
    /// <summary>Makes a key of the first provider, and says how to use it. The commands can be copied as they stand.</summary>
    public static async Task<string> TextAsync(ApiClient api, Uri server, string data, CancellationToken cancellationToken)
    {
        var isp = DemoIsp.Both[0];
        var made = await api.PostAsync<IssuedApiKeyView>("api-keys", isp.Code, new NewApiKey("demo"), cancellationToken);
        return $"""

              A key of {isp.Name}: {made.Key}
                curl -H "Authorization: Bearer {made.Key}" {server}api/v1/customers
              The same from the command line, which needs no key on this machine:
                {Program} api GET customers --tenant {isp.Code} --data {Quoted(data)}

            """;
    }

    /// <summary>The command with which this program was started.</summary>
    static string Program
        => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "isphost"
            ? Quoted(path)
            : $"dotnet {Quoted(typeof(IspServer).Assembly.Location)}";

    static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"\"{path}\"" : path;
}
