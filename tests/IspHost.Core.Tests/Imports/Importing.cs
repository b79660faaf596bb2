using System.Globalization;
using System.Text;
using System.Text.Json;
using IspHost.Core.Imports;
using IspHost.Core.Tests.Web;
using IspHost.Core.Work;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Tests.Imports;

/// <summary>An API with a plan, at which files are handed in and imported by hand, part by part.</summary>
sealed class Importing : IAsyncDisposable
{
    const string Plan = """
        { "code": "home", "name": "Plan", "network": { "up": 1000000, "down": 1000000 }, "price": { "tax_class": "standard" } }
        """;

    Importing(Api api) => Api = api;

    public Api Api { get; }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    SubscriberImports Imports => Api.Services.GetRequiredService<SubscriberImports>();

    public static async Task<Importing> OpenAsync(PostgresFixture postgres)
    {
        var importing = new Importing(await Api.StartAsync(postgres));
        await Api.PostAsync(importing.Api.Tenant, "plans", Plan);
        return importing;
    }

    /// <summary>So many good rows.</summary>
    public static string FileOf(int rows, string prefix = "user")
    {
        var file = new StringBuilder("username,password,plan\n");
        for (var i = 0; i < rows; i++)
            file.Append(CultureInfo.InvariantCulture, $"{prefix}-{i},secret-{i},home\n");
        return file.ToString();
    }

    public async Task<Guid> BeginAsync(string file)
    {
        var answer = await Api.ImportAsync(Api.Tenant, file);
        Assert.True(answer.Status is 200 or 202, answer.Body);
        return answer.Read().GetProperty("id").GetGuid();
    }

    /// <summary>Imports the next part.</summary>
    /// <returns>False if there is none.</returns>
    public Task<bool> GoOnAsync(Guid import) => Imports.GoOnAsync(Api.Id, import, Stop);

    public async Task EndAsync(Guid import)
    {
        while (await GoOnAsync(import))
        {
        }
    }

    /// <summary>Does what is due, as a node would.</summary>
    public Task<bool> DoAsync(Guid import) => ActivatorUtilities.CreateInstance<ImportWork>(Api.Services).DoAsync(
        new DueItem(new Lane("import", "host", "subscribers"), Api.Id, import.ToString(), -1), Stop);

    /// <summary>How far it is. Where the wire was cut, the connections of requests are broken as well, and each says so once.</summary>
    public async Task<JsonElement> FindAsync(Guid import)
    {
        Answer answer;
        while ((answer = await Api.GetAsync(Api.Tenant, $"imports/{import}")).Status == 503)
        {
        }
        return answer.Read();
    }

    /// <summary>What became of the rows: how many were imported, how many refused.</summary>
    public async Task<(string State, int Imported, int Refused)> OutcomeAsync(Guid import)
    {
        var view = await FindAsync(import);
        return (view.GetProperty("state").GetString()!, view.GetProperty("imported").GetInt32(), view.GetProperty("refused").GetInt32());
    }

    public async Task<List<(int Row, string Reason)>> RefusedAsync(Guid import)
    {
        var page = (await Api.GetAsync(Api.Tenant, $"imports/{import}/refused-rows?limit=500")).Read();
        return [.. page.GetProperty("items").EnumerateArray()
            .Select(row => (row.GetProperty("row").GetInt32(), row.GetProperty("reason").GetString()!))];
    }

    public Task<long> CountAsync(string table) => Api.AskAsync<long>($"select count(*) from host.{table}");

    /// <summary>What is due, what waits, and what has come of it.</summary>
    public async Task<(long Due, long Parts, long Services)> CountsAsync()
        => (await CountAsync("due"), await CountAsync("import_part"), await CountAsync("subscription"));

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
