using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IspHost.Testing;

namespace IspHost.Server.Tests.Fuzz;

/// <summary>
/// Requests made up from the documents of the current and the next version, right ones and wrong ones, by the operator, by a tenant and
/// by nobody. <c>ISPHOST_FUZZ</c> is how many, <c>ISPHOST_FUZZ_SEED</c> begins from another place.
/// </summary>
[TakesLong]
public sealed class Any_request(PostgresFixture postgres) : IAsyncDisposable
{
    const string Secret = "Confidential South";
    const string Next = "2027-06-01";
    const int AtOnce = 4;

    static readonly int Count = Setting("ISPHOST_FUZZ", 4_000);
    static readonly int Seed = Setting("ISPHOST_FUZZ_SEED", 20261130);

    /// <summary>They change the node, or end the keys that ask.</summary>
    static readonly string[] Spared =
    [
        "POST /api/v1/plugins", "POST /api/v1/plugins/{id}/replace", "DELETE /api/v1/plugins/{id}", "DELETE /api/v1/api-keys/{prefix}",
        "DELETE /api/v1/operator-keys/{prefix}",
    ];

    readonly string folder = Path.Combine(Path.GetTempPath(), $"isphost-fuzz-{Guid.NewGuid():N}");
    readonly ConcurrentBag<string> faults = [];
    readonly List<string> seen = [];
    readonly ConcurrentDictionary<int, int> statuses = [];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_answered_as_the_document_says_shows_nothing_of_another_tenant_and_breaks_nothing()
    {
        await using var database = await postgres.CreateAsync();
        await using var server = await ServerProcess.StartAsync(
            folder, database.OwnerConnection, new Dictionary<string, string>
            {
                ["Limits__PerKey"] = "100000",
                ["Limits__PerStranger"] = "100000",
                ["Limits__Expensive"] = "1000",
            });
        var clients = await ClientsAsync(server);
        var document = await clients[0].GetStringAsync("/openapi/v1.json", Stop);
        var current = new Described(JsonNode.Parse(document)!.AsObject());
        var next = new Described(JsonNode.Parse(await clients[0].GetStringAsync($"/openapi/{Next}.json", Stop))!.AsObject());

        await Parallel.ForEachAsync(
            Enumerable.Range(0, AtOnce), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = Stop },
            async (line, stop) => await AskAsync(line % 2 is 0 ? current : next, clients, new Random(Seed + line), Count / AtOnce, stop));

        var kinds = statuses.OrderBy(status => status.Key).Select(status => $"{status.Key} {status.Value}");
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {Seed}, {Count} requests: {string.Join(", ", kinds)}");
        Assert.True(faults.IsEmpty, $"seed {Seed}:\n{string.Join('\n', Alike(faults))}");
        for (var look = 0; look < 100; look++)
            Assert.Equal(HttpStatusCode.OK, (await clients[1].GetAsync("/api/v1/customers", Stop)).StatusCode);
    }

    static IEnumerable<string> Alike(IEnumerable<string> faults)
        => faults.GroupBy(fault => fault.Split('\n')[0]).Select(alike => $"{alike.Count()} x {alike.First()}")
            .Order(StringComparer.Ordinal).Take(60);

    /// <summary>The operator, for a tenant and for none; the tenant; and nobody. Another tenant has what the first may not see.</summary>
    static async Task<HttpClient[]> ClientsAsync(ServerProcess server)
    {
        foreach (var code in (string[])["north", "south"])
            await server.Operator.PostAsync<JsonElement>("tenants", null, new { code, currency = "EUR", zone = "Europe/Athens" }, Stop);
        await server.Operator.PostAsync<JsonElement>("customers", "south", new { name = Secret }, Stop);
        var key = await server.Operator.PostAsync<JsonElement>("api-keys", "north", new { name = "fuzz" }, Stop);
        var operators = await server.Operator.PostAsync<JsonElement>("operator-keys", null, new { name = "fuzz" }, Stop);
        return
        [
            Client(server, operators.GetProperty("key").GetString(), "north"), Client(server, key.GetProperty("key").GetString(), null),
            Client(server, operators.GetProperty("key").GetString(), null), Client(server, null, null),
        ];
    }

    static HttpClient Client(ServerProcess server, string? key, string? tenant)
    {
        var client = new HttpClient { BaseAddress = Serving.DataFolder.Find(server.Data)!.Address };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        if (tenant is not null)
            client.DefaultRequestHeaders.Add("Tenant", tenant);
        return client;
    }

    async Task AskAsync(Described described, HttpClient[] clients, Random random, int count, CancellationToken stop)
    {
        var guesses = new Guesses(described, random, seen);
        var operations = described.Operations.Where(operation => !Spared.Contains(operation.ToString())).ToList();
        for (var number = 0; number < count; number++)
        {
            var operation = operations[random.Next(operations.Count)];
            // Nobody is told the same each time, so it is asked less.
            var who = guesses.Once(12) ? 3 : random.Next(3);
            using var request = new HttpRequestMessage(new HttpMethod(operation.Method), guesses.PathOf(operation));
            if (guesses.BodyOf(operation) is { } body)
                request.Content = new StringContent(body, Encoding.UTF8, guesses.Once(30) ? "text/plain" : "application/json");
            if (described.Version == Next)
                request.Headers.Add("Api-Version", Next);
            using var answer = await clients[who].SendAsync(request, stop);
            var text = await answer.Content.ReadAsStringAsync(stop);
            statuses.AddOrUpdate((int)answer.StatusCode, 1, (_, before) => before + 1);
            if (FaultIn(described, operation, answer, text) is { } fault)
                faults.Add($"{operation}: {fault}\n{who} {request.RequestUri} -> {text}");
            if (who == 1 && text.Contains(Secret, StringComparison.Ordinal))
                faults.Add($"{operation}: shows another tenant's");
            Learn(text, who);
        }
    }

    static string? FaultIn(Described described, Operation operation, HttpResponseMessage answer, string text)
    {
        var (status, kind) = ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType);
        if (status >= 500)
            return $"status {status}: {text}";
        // What made no path of the document is answered by routing, which knows of no operation.
        var isOfRouting = status is 404 or 405 && text.Contains("/problems/not-found", StringComparison.Ordinal)
            && operation.Node["responses"]!["404"] is null;
        return isOfRouting ? null : described.Contradiction(operation, status, kind, text);
    }

    void Learn(string text, int who)
    {
        if (who == 2 || text.Length > 4000 || !text.StartsWith('{') || JsonNode.Parse(text)?["id"] is not JsonValue id)
            return;
        lock (seen)
        {
            if (seen.Count < 200)
                seen.Add(id.ToString());
        }
    }

    static int Setting(string name, int usual)
        => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;

    public ValueTask DisposeAsync()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
