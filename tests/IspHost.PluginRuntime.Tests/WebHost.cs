using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.OpenApi;

namespace IspHost.PluginRuntime.Tests;

/// <summary>A web server on a free port, with one client connection that is kept alive.</summary>
sealed class WebHost : IAsyncDisposable
{
    readonly WebApplication app;
    int connections;

    WebHost(WebApplication app) => this.app = app;

    public PluginHost Plugins => app.Services.GetRequiredService<PluginHost>();

    public HttpClient Client { get; private set; } = new();

    /// <summary>What the host's own middleware has caught, and kept.</summary>
    public List<Exception> Caught { get; } = [];

    /// <summary>How many connections the client has opened.</summary>
    public int Connections => connections;

    public static async Task<WebHost> StartAsync(
        Action<PluginRuntimeOptions>? configure = null, bool openApi = false, string? loadedFirst = null,
        Func<HttpContext, Task>? beforeAuthorization = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddPluginRuntime((options, services) =>
        {
            if (openApi)
                Describe(options, services);
            configure?.Invoke(options);
        });
        if (loadedFirst is not null)
            builder.Services.AddHostedService(services => new LoadFirst(services.GetRequiredService<PluginHost>(), loadedFirst));

        builder.Services.AddAuthorization();

        var app = builder.Build();
        var host = new WebHost(app);
        app.Use(host.KeepWhatFailsAsync);
        app.UseRouting();
        app.Use(async (context, next) =>
        {
            await (beforeAuthorization?.Invoke(context) ?? Task.CompletedTask);
            await next(context);
        });
        app.UseAuthorization();
        app.MapGet("/api/v1/ping", () => "pong");
        app.MapPlugins();
        map?.Invoke(app);
        await app.StartAsync();
        host.Client = host.Connect();
        return host;
    }

    /// <summary>Has an OpenAPI document of each plugin made, in its own container, which is all that knows its types.</summary>
    static void Describe(PluginRuntimeOptions options, IServiceProvider host)
    {
        options.AddHostServices = (services, _) => services.AddRouting().AddOpenApi()
            .AddSingleton(host.GetRequiredService<IHostEnvironment>());
        options.DescribeEndpoints = async (_, services, stop) =>
        {
            var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync(stop);
            return Encoding.UTF8.GetBytes(await document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1, stop));
        };
    }

    public async Task<string> GetAsync(string path)
    {
        using var response = await Client.GetAsync(path, TestHost.Stop);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestHost.Stop)}";
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    /// <summary>Loads as a server does: before the first request can come, and so before routing has been set up.</summary>
    sealed class LoadFirst(PluginHost plugins, string folder) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => plugins.LoadAsync(folder, cancellationToken);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    async Task KeepWhatFailsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) // As a handler of errors does.
        {
            Caught.Add(e);
            throw;
        }
    }

    HttpClient Connect()
    {
        var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            ConnectCallback = async (context, stop) =>
            {
                Interlocked.Increment(ref connections);
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri(app.Urls.Single()) };
    }
}
