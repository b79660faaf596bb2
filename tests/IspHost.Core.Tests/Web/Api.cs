using System.Text;
using System.Text.Json;
using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Idempotency;
using IspHost.Core.Plugins;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Core.Web.Versions;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Taxes;
using IspHost.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IspHost.Core.Tests.Web;

/// <summary>The API on a free port, without a cluster and without anything that works in the background, so that only requests speak to the
/// database.</summary>
sealed class Api : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly HostConnections connections;
    readonly WebApplication app;

    Api(TestDatabase database, Wire wire, HostConnections connections, WebApplication app)
        => (this.database, Wire, this.connections, this.app) = (database, wire, connections, app);

    /// <summary>Leads from the API to its database.</summary>
    public Wire Wire { get; }

    public HttpClient Tenant { get; private set; } = null!;

    public HttpClient Operator { get; private set; } = null!;

    public TenantId Id { get; private set; }

    public DatabasePulse Pulse => app.Services.GetRequiredService<DatabasePulse>();

    public KnownVersions Versions => app.Services.GetRequiredService<KnownVersions>();

    public IServiceProvider Services => app.Services;

    public LeftClaims LeftClaims => app.Services.GetRequiredService<LeftClaims>();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<Api> StartAsync(
        PostgresFixture postgres, Action<IEndpointRouteBuilder>? map = null, Dictionary<string, string?>? settings = null)
    {
        var database = await postgres.CreateAsync();
        var id = await database.AddTenantAsync("north");
        var wire = new Wire(database.OwnerConnection);
        var connections = await HostConnections.OpenAsync(wire.ConnectionString, Stop);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddIspHost(connections, VaultKeys.Of(new byte[32]), new PluginFolders([]));
        foreach (var worker in builder.Services.Where(service => service.ServiceType == typeof(IHostedService) && IsOurs(service)).ToList())
            builder.Services.Remove(worker);
        var app = builder.Build();
        app.UseIspHost();
        app.MapIspHost();
        map?.Invoke(app);
        // Neither a tenant nor a plan is taken that nothing could tax.
        app.Services.GetRequiredService<PluginHost>().Offer<ITaxEngine>("vat", new NoTaxes());
        await app.StartAsync(Stop);
        await app.Services.GetRequiredService<TenantDirectory>().ReloadAsync(Stop);
        await app.Services.GetRequiredService<KnownVersions>().ReloadAsync(Stop);

        var api = new Api(database, wire, connections, app) { Id = id };
        api.Operator = api.ClientWith(await app.Services.GetRequiredService<OperatorKeys>().CreateAsync("test", Stop));
        api.Tenant = await api.ClientOfAsync("north");
        return api;
    }

    /// <summary>A second tenant, and a client with a key of it.</summary>
    public async Task<HttpClient> AddTenantAsync(string code)
    {
        await database.AddTenantAsync(code);
        await app.Services.GetRequiredService<TenantDirectory>().ReloadAsync(Stop);
        return await ClientOfAsync(code);
    }

    async Task<HttpClient> ClientOfAsync(string tenant)
    {
        var key = await AskAsync(Operator, "POST", "api-keys", """{ "name": "test" }""", ("Tenant", tenant));
        return ClientWith(key.Read().GetProperty("key").GetString()!);
    }

    public HttpClient ClientWith(string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(new Uri(app.Urls.Single()), "/api/v1/") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        return client;
    }

    public static Task<Answer> GetAsync(HttpClient client, string path) => SendAsync(client, new HttpRequestMessage(HttpMethod.Get, path));

    public static Task<Answer> ImportAsync(HttpClient client, string file)
    {
        var content = new StringContent(file, Encoding.UTF8, "text/csv");
        return SendAsync(client, new HttpRequestMessage(HttpMethod.Post, "imports/subscribers") { Content = content });
    }

    public static Task<Answer> PutAsync(HttpClient client, string path, string body)
        => SendAsync(client, new HttpRequestMessage(HttpMethod.Put, path) { Content = Json(body) });

    /// <summary>Any request, with headers.</summary>
    public static Task<Answer> AskAsync(
        HttpClient client, string method, string path, string? body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body is null ? null : Json(body) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return SendAsync(client, request);
    }

    public static Task<Answer> PostAsync(HttpClient client, string path, string body, string? idempotencyKey = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) };
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return SendAsync(client, request);
    }

    static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    static async Task<Answer> SendAsync(HttpClient client, HttpRequestMessage message)
    {
        using var request = message;
        using var answer = await client.SendAsync(request, Stop);
        return new Answer((int)answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync(Stop))
        {
            IsReplay = answer.Headers.Contains("Idempotent-Replay"),
            RetryAfter = answer.Headers.RetryAfter?.ToString(),
            Tag = answer.Headers.ETag?.ToString(),
            Headers = $"{answer.Headers}{answer.Content.Headers}",
        };
    }

    /// <summary>As the superuser, beside the wire.</summary>
    public Task<T?> AskAsync<T>(string sql) => database.ScalarAsync<T>(sql);

    /// <summary>Statements of the superuser in a transaction that the test ends.</summary>
    public async Task<NpgsqlTransaction> BeginAsync(string sql)
    {
        var connection = new NpgsqlConnection(database.OwnerConnection);
        await connection.OpenAsync(Stop);
        var transaction = await connection.BeginTransactionAsync(Stop);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Stop);
        return transaction;
    }

    /// <summary>Ends once this many statements wait for others' locks.</summary>
    public async Task UntilWaitingAsync(int statements)
    {
        while (await AskAsync<long>(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") < statements)
            await Task.Delay(20, Stop);
    }

    /// <summary>A minute goes by: the claims of whoever was killed end.</summary>
    public Task LetClaimsEndAsync() => AskAsync<object>(
        "update host.idempotency set claimed_until = now(); update host.operator_idempotency set claimed_until = now()");

    public async ValueTask DisposeAsync()
    {
        Tenant.Dispose();
        Operator.Dispose();
        await app.DisposeAsync();
        await connections.DisposeAsync();
        await Wire.DisposeAsync();
        await database.DisposeAsync();
    }

    sealed class NoTaxes : ITaxEngine
    {
        public ValueTask<TaxQuote> QuoteAsync(TaxDocument document, CancellationToken cancellationToken)
            => throw new NotSupportedException();
    }

    static bool IsOurs(ServiceDescriptor service)
        => (service.ImplementationType ?? service.ImplementationFactory?.Method.DeclaringType)?.Assembly.GetName().Name?.StartsWith(
            "IspHost.", StringComparison.Ordinal) is true;
}

/// <summary>What the API answered.</summary>
sealed record Answer(int Status, string? Location, string Body)
{
    public bool IsReplay { get; init; }

    public string? RetryAfter { get; init; }

    public string? Tag { get; init; }

    public string Headers { get; init; } = "";

    /// <summary>What each field must be that breaks a rule.</summary>
    public string[] Errors
        => [.. Read().GetProperty("errors").EnumerateObject().Select(one => $"{one.Name} {one.Value.GetString()}")];

    public string? Type => Read().TryGetProperty("type", out var type) ? type.GetString() : null;

    public JsonElement Read() => JsonDocument.Parse(Body).RootElement;
}
