using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IspHost.Testing;

namespace IspHost.Benchmarks;

/// <summary>Reads and writes of the API, against a bare minimal API that sends the same queries and checks nothing.</summary>
/// <remarks>
/// Each in a process of its own, on one database, asked by as many connections. The bare one has no keys, no limits, no rules of fields, no
/// tags, no versions; it answers with the same JSON. What its client costs is in both times.
/// </remarks>
static class ApiBenchmark
{
    const int AtOnce = 16;

    static readonly string[] Address = ["7 Cable Road", "54321 Port"];

    /// <summary>By the design: six tenths of the bare one's requests a second.</summary>
    const double MostRatio = 1 / 0.6;

    public static async IAsyncEnumerable<Result> RunAsync(Effort effort)
    {
        await using var opened = new Opened();
        var postgres = opened.Add(new PostgresFixture { IsDurable = true });
        await postgres.InitializeAsync();
        var installation = opened.Add(await Installation.GenerateAsync(postgres, tenants: 10));
        var server = opened.Add(await ServingProcess.StartAsync(
            installation.Connection, ("Limits__PerKey", "1000000"), ("Limits__PerStranger", "1000000")));
        var bare = opened.Add(await BareApi.StartAsync(installation.Connection, Installation.CodeOf(0)));
        var key = await server.Operator.PostAsync<JsonElement>(
            "api-keys", Installation.CodeOf(0), new { name = "benchmark" }, CancellationToken.None);
        using var ours = Client(server.Address, key.GetProperty("key").GetString());
        using var theirs = Client(bare.Address, key: null);
        var ids = (await theirs.GetFromJsonAsync<JsonElement>("customers?limit=100")).GetProperty("items").EnumerateArray()
            .Select(customer => customer.GetProperty("id").GetString()!).ToList();

        (string, string, int, Func<HttpClient, int, Task>)[] kinds =
        [
            ("api/read", "us/request", 4_000, (client, i) => GetAsync(client, $"customers/{ids[i % ids.Count]}")),
            ("api/list", "us/request, a page of 50", 1_500, (client, _) => GetAsync(client, "customers?limit=50")),
            ("api/write", "us/request", 2_000, PostAsync),
        ];
        foreach (var (name, unit, count, askAsync) in kinds)
            yield return await CompareAsync(name, unit, effort.Of(count / 4, count), effort, ours, theirs, askAsync);
        yield return await DocumentAsync(effort, server.Address);
    }

    static async Task<Result> CompareAsync(
        string name, string unit, int count, Effort effort, HttpClient ours, HttpClient theirs, Func<HttpClient, int, Task> askAsync)
    {
        var (slowest, slowestBare) = (new List<double>(), new List<double>());
        var times = await Measurement.InTurnAsync(
            warmUps: 2, effort.Runs,
            new("api", () => AskManyAsync(ours, count, askAsync, slowest)),
            new("bare", () => AskManyAsync(theirs, count, askAsync, slowestBare)));
        var result = new Result(name, unit, "a bare minimal API with the same queries", times, time => time.TotalMicroseconds / count);
        return result.Within(MostRatio * result.Baseline)
            .With("requests_a_second", Result.Rounded(1_000_000 / result.Value))
            .With("share_of_the_bare_ones", Result.Rounded(result.Baseline / result.Value))
            .With("p99_ms", Result.Rounded(Median(slowest.Skip(2)))).With("p99_ms_bare", Result.Rounded(Median(slowestBare.Skip(2))))
            .With("at_once", AtOnce).With("fsync", true);
    }

    /// <summary>The document, against the least that a server answers: to whether it lives.</summary>
    static async Task<Result> DocumentAsync(Effort effort, Uri address)
    {
        using var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br");
        var count = effort.Of(200, 2_000);
        var bytes = (await client.GetByteArrayAsync("openapi/v1.json")).Length;
        var times = await Measurement.InTurnAsync(
            warmUps: 2, effort.Runs,
            new("document", () => OneByOneAsync(() => GetAsync(client, "openapi/v1.json"), count)),
            new("live", () => OneByOneAsync(() => GetAsync(client, "health/live"), count)));
        return new Result("api/document", "us/request, one after the other", "/health/live of the same server", times,
            time => time.TotalMicroseconds / count).With("bytes_sent", bytes);
    }

    static async Task<TimeSpan> OneByOneAsync(Func<Task> askAsync, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
            await askAsync();
        return Stopwatch.GetElapsedTime(start);
    }

    static async Task<TimeSpan> AskManyAsync(HttpClient client, int count, Func<HttpClient, int, Task> askAsync, List<double> slowest)
    {
        var times = new ConcurrentBag<double>();
        var next = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var i && i <= count)
            {
                var began = Stopwatch.GetTimestamp();
                await askAsync(client, i);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }));
        var elapsed = Stopwatch.GetElapsedTime(start);
        slowest.Add(times.Order().ElementAt(times.Count * 99 / 100));
        return elapsed;
    }

    static async Task GetAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    static async Task PostAsync(HttpClient client, int number)
    {
        using var answer = await client.PostAsJsonAsync(
            "customers", new { name = $"Customer {number}", email = "someone@example.com", address = Address });
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync();
    }

    static HttpClient Client(Uri address, string? key)
    {
        var client = new HttpClient { BaseAddress = new Uri(address, "/api/v1/") };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
