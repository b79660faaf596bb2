using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using IspHost.Core.ApiKeys;
using IspHost.Core.Customers;
using IspHost.Server.Client;
using IspHost.Simulator;

namespace IspHost.Server.Tests;

/// <summary>What one node has to do all the time: writes with keys, sessions, and questions that its memory can answer.</summary>
sealed class Traffic : IAsyncDisposable
{
    public const string Write = "write", Session = "session", Login = "login", Live = "live", Ready = "ready";

    /// <summary>Far above what is promised, and far below for ever: the machine may be busy.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), LongestReturn = TimeSpan.FromSeconds(60);

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    readonly CancellationTokenSource done = new();
    readonly ConcurrentQueue<Exchange> exchanges = [];
    readonly ConcurrentQueue<string> registered = [];
    readonly int node;
    readonly int subscribers;
    readonly HttpClient customers;
    readonly HttpClient watcher;
    readonly SimulatedNas nas;
    readonly Task flows;

    Traffic(int node, int subscribers, Uri address, string key, SimulatedNas nas)
    {
        (this.node, this.subscribers, this.nas) = (node, subscribers, nas);
        customers = new HttpClient { BaseAddress = address, Timeout = Patience };
        customers.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        watcher = new HttpClient { BaseAddress = address, Timeout = Patience };
        flows = Task.WhenAll(WriteAsync(), WriteAsync(), PlayAsync(), LogInAsync(), WatchAsync());
    }

    /// <summary>The names of the customers whose registration was answered.</summary>
    public IEnumerable<string> Registered => registered;

    /// <summary>How many sessions have been played to their end.</summary>
    public int Sessions { get; private set; }

    /// <summary>What the sessions used.</summary>
    public long Bytes => nas.Bytes;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <param name="server">The node.</param>
    /// <param name="provider">Whose customers, subscribers and sessions they are.</param>
    /// <param name="node">The node's number, from 0: each plays with subscribers of its own.</param>
    /// <param name="subscribers">How many each has.</param>
    public static async Task<Traffic> BeginAsync(ServerProcess server, Provider provider, int node, int subscribers)
    {
        var key = await server.Operator.PostAsync<IssuedApiKeyView>("api-keys", provider.Code, new NewApiKey($"node {node}"), Stop);
        var nas = await provider.AccessServerAsync(server.Ports, reportsAgainAfter: TimeSpan.FromMilliseconds(500));
        return new Traffic(node, subscribers, Serving.DataFolder.Find(server.Data)!.Address, key.Key!, nas);
    }

    /// <summary>Ends once something of each kind that was asked from now on has been answered as ever.</summary>
    public async Task FlowsAsync()
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var kind in (string[])[Write, Session, Login, Live, Ready])
        {
            while (!exchanges.Any(exchange => exchange.Kind == kind && exchange.IsGood && exchange.Ended > now))
            {
                Assert.True(Stopwatch.GetElapsedTime(now) < LongestReturn, $"No {kind} of node {node} is answered as ever.");
                if (flows.IsCompleted)
                    await flows;
                await Task.Delay(Pause, Stop);
            }
        }
    }

    /// <summary>What was asked between the two, of one kind.</summary>
    public IReadOnlyList<Exchange> Between(long began, long ended, string kind)
        => [.. exchanges.Where(exchange => exchange.Kind == kind && exchange.Ended >= began && exchange.Began <= ended)];

    /// <summary>How it went between the two, and when each kind was answered as ever again, for people.</summary>
    public string Describe(long began, long ended)
    {
        var kinds = exchanges.GroupBy(exchange => exchange.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind =>
        {
            var took = Between(began, ended, kind.Key).Select(exchange => exchange.Took.TotalMilliseconds).Order().ToList();
            var again = kind.Where(exchange => exchange.IsGood && exchange.Ended > ended).Min(exchange => exchange.Ended);
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{kind.Key} {took.Count} p50 {took.ElementAtOrDefault(took.Count / 2):F0} max {took.LastOrDefault():F0} ms, again "
                + $"after {Stopwatch.GetElapsedTime(ended, again).TotalMilliseconds:F0} ms");
        });
        return $"node {node}: {string.Join("; ", kinds)}";
    }

    /// <summary>Lets what was begun come to its end.</summary>
    public async Task EndAsync()
    {
        await done.CancelAsync();
        await flows;
    }

    public async ValueTask DisposeAsync()
    {
        await done.CancelAsync();
        await flows.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        customers.Dispose();
        watcher.Dispose();
        nas.Dispose();
        done.Dispose();
    }

    /// <summary>Registers customers, each under a key of its own with which it asks again until it is answered.</summary>
    async Task WriteAsync()
    {
        while (!done.IsCancellationRequested)
        {
            var name = $"node {node} {Guid.NewGuid()}";
            while (!await NoteAsync(Write, () => RegisterAsync(name)))
                await Task.Delay(Pause, Stop);
            registered.Enqueue(name);
            await Task.Delay(Pause, Stop);
        }
    }

    async Task<bool> RegisterAsync(string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/customers")
        {
            Content = JsonContent.Create(new CustomerDetails { Name = name }, options: ApiClient.Json),
            Headers = { { "Idempotency-Key", name } },
        };
        using var response = await customers.SendAsync(request, Stop);
        Assert.True(
            response.StatusCode is HttpStatusCode.Created or HttpStatusCode.Conflict
            || response is { StatusCode: HttpStatusCode.ServiceUnavailable, Headers.RetryAfter: not null },
            $"{name}: {response} {await response.Content.ReadAsStringAsync(Stop)}");
        return response.StatusCode is HttpStatusCode.Created;
    }

    /// <summary>Plays sessions, one after the other. The access server sends its reports again until they are answered.</summary>
    async Task PlayAsync()
    {
        for (var number = 0; !done.IsCancellationRequested; number++)
        {
            var session = Provider.Session((node * subscribers) + 1 + (number % (subscribers - 1)), number);
            if (await NoteAsync(Session, () => nas.PlayAsync(session, Stop)))
                Sessions++;
            await Task.Delay(Pause, Stop);
        }
    }

    /// <summary>Logins of a subscriber that is known.</summary>
    async Task LogInAsync()
    {
        for (var number = 0; !done.IsCancellationRequested; number++)
        {
            var session = Provider.Session(node * subscribers, number);
            await NoteAsync(Login, async () => await nas.LogInAsync(session, Stop) is { Code: RadiusAnswer.Accept });
            await Task.Delay(Pause, Stop);
        }
    }

    async Task WatchAsync()
    {
        while (!done.IsCancellationRequested)
        {
            foreach (var kind in (string[])[Live, Ready])
            {
                await NoteAsync(kind, async () =>
                {
                    using var answer = await watcher.GetAsync($"/health/{kind}", Stop);
                    return answer.IsSuccessStatusCode;
                });
            }
            await Task.Delay(Pause, Stop);
        }
    }

    async Task<bool> NoteAsync(string kind, Func<Task<bool>> ask)
    {
        var began = Stopwatch.GetTimestamp();
        var isGood = await ask();
        exchanges.Enqueue(new Exchange(kind, began, Stopwatch.GetTimestamp(), isGood));
        return isGood;
    }

    /// <summary>A question and its answer.</summary>
    /// <param name="Kind">What kind of question.</param>
    /// <param name="Began">When it was asked, as <see cref="Stopwatch"/> counts.</param>
    /// <param name="Ended">When it was answered.</param>
    /// <param name="IsGood">Whether it was answered as if nothing were wrong.</param>
    public sealed record Exchange(string Kind, long Began, long Ended, bool IsGood)
    {
        public TimeSpan Took => Stopwatch.GetElapsedTime(Began, Ended);
    }
}
