using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using IspHost.Sdk;
using IspHost.Sdk.Web;
using IspHost.Server.Serving;
using NodaTime.Text;

namespace IspHost.Server.Client;

/// <summary>Speaks to the API with the operator's key: to the server that has the data folder, or to one started for the purpose.</summary>
sealed class ApiClient : IAsyncDisposable
{
    readonly IspServer? own;
    readonly HttpClient http;

    ApiClient(Uri address, string operatorKey, IspServer? own)
    {
        this.own = own;
        http = new HttpClient { BaseAddress = new Uri(address, "/api/v1/"), Timeout = TimeSpan.FromMinutes(10) };
        // It comes with the server, and speaks as the server does.
        http.DefaultRequestHeaders.Add("Api-Version", LocalDatePattern.Iso.Format(ApiVersions.Newest));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", operatorKey);
    }

    /// <summary>The JSON of the API.</summary>
    public static JsonSerializerOptions Json { get; } = new(SdkJson.NewOptions()) { WriteIndented = true };

    /// <summary>Whether the server is one that ends with this.</summary>
    public bool IsOwn => own is not null;

    /// <summary>Finds the server, or starts one that takes no RADIUS packets and stops with this.</summary>
    /// <exception cref="StartException">There is none, and none can be started.</exception>
    public static async Task<ApiClient> ConnectAsync(string data, string? connection, CancellationToken cancellationToken)
    {
        if (DataFolder.Find(data) is { } running)
            return new ApiClient(running.Address, running.OperatorKey, own: null);
        // Else it would take a while to make a database here and to find nothing in it.
        if (connection is null && DataFolder.DemoBelow(data) is { } demo)
            throw new StartException($"{data} has no server and no database, but {demo} has those of a demo: say --data {demo}");
        var own = await IspServer.StartAsync(
            new ServerOptions
            {
                Data = data,
                Connection = connection,
                Bind = IPAddress.Loopback,
                Http = 0,
                RadiusAuth = 0,
                RadiusAcct = 0,
                Log = LogStyle.Quiet,
            }, cancellationToken);
        return new ApiClient(own.Address, own.OperatorKey, own);
    }

    /// <summary>A client of a server that is at hand.</summary>
    public static ApiClient Of(IspServer server) => new(server.Address, server.OperatorKey, own: null);

    public Task<T> GetAsync<T>(string path, string? tenant, CancellationToken cancellationToken)
        => SendAsync<T>(HttpMethod.Get, path, tenant, content: null, cancellationToken);

    /// <summary>All of a list, page by page.</summary>
    public async Task<List<T>> ListAsync<T>(string path, string? tenant, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        for (string? after = ""; after is not null;)
        {
            var page = await GetAsync<Page<T>>($"{path}?limit=500{after}", tenant, cancellationToken);
            all.AddRange(page.Items);
            after = page.Next is null ? null : $"&cursor={Uri.EscapeDataString(page.Next)}";
        }
        return all;
    }

    public Task<T> PostAsync<T>(string path, string? tenant, object? body, CancellationToken cancellationToken)
        => SendAsync<T>(HttpMethod.Post, path, tenant, body as HttpContent ?? (body is null
            ? null
            : JsonContent.Create(body, options: Json)), cancellationToken);

    public Task<T> PutAsync<T>(string path, string? tenant, object body, CancellationToken cancellationToken)
        => SendAsync<T>(
            HttpMethod.Put, path, tenant, body as HttpContent ?? JsonContent.Create(body, options: Json), cancellationToken);

    /// <summary>Changes the fields that are given (RFC 7396).</summary>
    public Task<T> PatchAsync<T>(string path, object fields, CancellationToken cancellationToken)
        => SendAsync<T>(
            HttpMethod.Patch, path, tenant: null,
            JsonContent.Create(fields, new MediaTypeHeaderValue("application/merge-patch+json"), Json), cancellationToken);

    /// <summary>Reads a thing, and puts what is made of it in its place if it is still the same.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="change">Makes what is put, from what is there; from null if nothing is.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<T> ChangeAsync<T>(string path, Func<T?, object> change, CancellationToken cancellationToken) where T : class
    {
        using var get = new HttpRequestMessage(HttpMethod.Get, path);
        using var seen = await AskAsync(get, cancellationToken);
        var before = seen.IsSuccessStatusCode ? await seen.Content.ReadFromJsonAsync<T>(Json, cancellationToken) : null;
        using var put = new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(change(before), options: Json) };
        if (before is not null)
            put.Headers.IfMatch.Add(seen.Headers.ETag!);
        using var answer = await CheckedAsync(await AskAsync(put, cancellationToken), cancellationToken);
        return (await answer.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
    }

    public async Task DeleteAsync(string path, string? tenant, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(HttpMethod.Delete, path, tenant, content: null, cancellationToken);
    }

    public async Task<byte[]> DownloadAsync(string path, string tenant, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(HttpMethod.Get, path, tenant, content: null, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        if (own is not null)
            await own.DisposeAsync();
    }

    /// <summary>Sends a request whose path is below <c>/api/v1/</c>, and gives the answer whatever it says.</summary>
    /// <exception cref="RequestException">There is no answer.</exception>
    public async Task<HttpResponseMessage> AskAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException cause)
        {
            throw new RequestException(null, $"{Server} does not answer: {cause.Message}");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RequestException(null, $"{Server} has not answered for {http.Timeout.TotalMinutes:0} minutes.");
        }
    }

    string Server => $"The server at {http.BaseAddress!.GetLeftPart(UriPartial.Authority)}";

    async Task<T> SendAsync<T>(HttpMethod method, string path, string? tenant, HttpContent? content, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(method, path, tenant, content, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
    }

    async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method, string path, string? tenant, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (tenant is not null)
            request.Headers.Add("Tenant", tenant);
        return await CheckedAsync(await AskAsync(request, cancellationToken), cancellationToken);
    }

    static async Task<HttpResponseMessage> CheckedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            var refusal = await Refusal.OfAsync(response, cancellationToken);
            throw new RequestException(response.StatusCode, refusal.Text, refusal.Fields);
        }
    }
}

/// <summary>The server refused a request. The message is one line for the user.</summary>
/// <param name="status">The HTTP status; null if there was no answer.</param>
/// <param name="message">Why.</param>
/// <param name="more">Lines that say more.</param>
sealed class RequestException(HttpStatusCode? status, string message, IReadOnlyList<string>? more = null) : Exception(message)
{
    public HttpStatusCode? Status { get; } = status;

    public IReadOnlyList<string> More { get; } = more ?? [];
}
