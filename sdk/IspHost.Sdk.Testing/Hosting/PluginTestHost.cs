using System.Net;
using System.Net.Sockets;
using System.Reflection;
using IspHost.PluginRuntime;
using IspHost.Sdk.Events;
using IspHost.Sdk.Panels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IspHost.Sdk.Testing;

/// <summary>Runs a built plugin as the host does: the same loader, gate, container, proxies, sockets, routing and unloading.</summary>
/// <remarks>
/// What the plugin asks of the host is a fake, or what the test adds instead. Take what a test needs of the plugin through this host
/// and never from the plugin's classes: the test's own reference to them is another copy of the code.
/// </remarks>
public sealed class PluginTestHost : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly WebApplication app;
    readonly PluginHost plugins;
    readonly PluginTestOptions options;
    bool isKnown;

    PluginTestHost(WebApplication app, PluginTestOptions options, PluginFolder plugin, WarningLog warnings)
    {
        (this.app, this.options, Plugin, Warnings) = (app, options, plugin, warnings);
        plugins = app.Services.GetRequiredService<PluginHost>();
        foreach (var offer in options.Offers)
            offer(plugins);
        Client = new() { BaseAddress = new($"{app.Urls.Single()}/api/v1/") };
    }

    /// <summary>What the plugin, and the test itself, offer: proxies that may be kept over unloading and loading again.</summary>
    public IExtensions Extensions => plugins.Extensions;

    /// <summary>The plugin's jobs. What was started runs when the test says so.</summary>
    public FakeJobs Jobs => options.Jobs;

    /// <summary>The plugin's actors. Time passes for them when the test says so.</summary>
    public FakeActors Actors => options.Actors;

    /// <summary>Calls the plugin's endpoints, below <c>/api/v1/</c>, as the first tenant. Nobody asks for a key.</summary>
    public HttpClient Client { get; }

    internal PluginFolder Plugin { get; }

    internal WarningLog Warnings { get; }

    /// <summary>The folder that a test project names: <c>&lt;AssemblyMetadata Include="Plugin" Value="..." /&gt;</c>.</summary>
    /// <typeparam name="TTest">A class of the test project.</typeparam>
    /// <param name="name">What it is called there, if there are several.</param>
    public static string FolderNamedBy<TTest>(string name = "Plugin")
        => typeof(TTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(named => named.Key == name)?.Value
            ?? throw new ArgumentException($"The project of {typeof(TTest).Name} has no AssemblyMetadata '{name}'.", nameof(name));

    /// <summary>Loads a plugin.</summary>
    /// <param name="folder">What an operator would copy: <c>plugin.json</c> and the plugin's files. Usually its build output.</param>
    /// <param name="configure">Settings, host services and the rest.</param>
    /// <param name="cancellationToken">Stops the loading.</param>
    /// <exception cref="PluginTestException">The plugin was refused.</exception>
    public static async Task<PluginTestHost> StartAsync(
        string folder, Action<PluginTestOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        var host = await OpenAsync(folder, configure, cancellationToken);
        try
        {
            await host.LoadAsync(cancellationToken);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Loads a plugin, runs the scenario, takes the plugin away, and proves that its code is gone from memory; all of it as often as
    /// <see cref="PluginTestOptions.Cycles"/> says.
    /// </summary>
    /// <remarks>
    /// Memory is the process's: while it is measured no other test should run. Keep nothing of a call but what the SDK and the base
    /// library define.
    /// </remarks>
    /// <param name="folder">As for <see cref="StartAsync"/>.</param>
    /// <param name="scenario">Uses all that the plugin brings: what was never used holds nothing.</param>
    /// <param name="configure">Settings, host services and the rest; once for all cycles.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was measured.</returns>
    /// <exception cref="PluginTestException">
    /// The plugin was refused, calls of it did not end, it is still in memory, or memory grew. The message names what holds it where
    /// that can be seen.
    /// </exception>
    public static async Task<UnloadReport> AssertUnloadsAsync(
        string folder,
        Func<PluginTestHost, CancellationToken, Task> scenario,
        Action<PluginTestOptions>? configure = null,
        CancellationToken cancellationToken = default)
    {
        await using var host = await OpenAsync(folder, configure, cancellationToken);
        return await new UnloadCheck(host, host.options).RunAsync(scenario, cancellationToken);
    }

    /// <summary>Where a listener of the plugin is open: a free port of this machine, whatever port the plugin asked for.</summary>
    public IPEndPoint Listener(string name)
        => plugins.Listeners.SingleOrDefault(listener => listener.Name == name)?.EndPoint
            ?? throw new ArgumentException($"The plugin has no listener '{name}'.", nameof(name));

    /// <summary>Sends a datagram to a listener of the plugin and waits for the answer, at most 10 seconds.</summary>
    /// <exception cref="PluginTestException">There was no answer.</exception>
    public async Task<byte[]> AskAsync(string listener, ReadOnlyMemory<byte> datagram, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient();
        socket.Connect(Listener(listener));
        await socket.SendAsync(datagram, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return (await socket.ReceiveAsync(limit.Token)).Buffer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PluginTestException($"The listener '{listener}' did not answer within {Patience.TotalSeconds} s.{Warnings}");
        }
    }

    /// <summary>Has the plugin handle an event, which happened now by the tenant's clock.</summary>
    /// <returns>What each of its handlers made of it.</returns>
    /// <exception cref="ArgumentException">The plugin does not handle such events.</exception>
    public Task<IReadOnlyList<EventOutcome>> PublishAsync<TEvent>(
        TenantId tenant, TEvent happened, CancellationToken cancellationToken) where TEvent : class
    {
        var context = new EventContext { Tenant = tenant, Id = Guid.NewGuid(), At = options.TenantsInUse.Now(tenant) };
        return PublishAsync(context, happened, cancellationToken);
    }

    /// <summary>Has the plugin handle an event. The host may do so more than once: so should a test.</summary>
    /// <returns>What each of its handlers made of it.</returns>
    /// <exception cref="ArgumentException">The plugin does not handle such events.</exception>
    public async Task<IReadOnlyList<EventOutcome>> PublishAsync<TEvent>(
        EventContext context, TEvent happened, CancellationToken cancellationToken) where TEvent : class
    {
        var name = typeof(TEvent).GetCustomAttribute<EventAttribute>()?.Name;
        var wanted = plugins.Subscriptions.Where(subscription => subscription.Event == name).ToList();
        if (wanted.Count == 0)
            throw new ArgumentException($"The plugin handles no {typeof(TEvent).Name}.", nameof(happened));
        var outcomes = new List<EventOutcome>();
        foreach (var subscription in wanted)
            outcomes.Add(await subscription.HandleAsync(context, happened, cancellationToken));
        return outcomes;
    }

    /// <summary>Reads a panel of the plugin, as its page does every few seconds.</summary>
    public async Task<Panel> ReadPanelAsync(string name, CancellationToken cancellationToken)
    {
        var panel = plugins.Panels.SingleOrDefault(panel => panel.Name == name)
            ?? throw new ArgumentException($"The plugin has no panel '{name}'.", nameof(name));
        return await panel.Target.ReadAsync(cancellationToken);
    }

    /// <summary>Ends the plugin's work and closes its ports. Nothing is proven about its memory.</summary>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
    }

    internal async Task LoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await plugins.LoadAsync(Plugin.Path, cancellationToken);
        }
        catch (PluginLoadException refused)
        {
            throw new PluginTestException(refused.Details is null ? refused.Message : $"{refused.Message}\n{refused.Details}");
        }
        if (isKnown)
            return;

        isKnown = true;
        foreach (var job in plugins.Jobs)
            Jobs.Add(job.Name, job.Target);
        foreach (var actor in plugins.Actors)
            Actors.Add(actor.Name, actor.Target);
    }

    internal Task<RetirementReport> RemoveAsync(CancellationToken cancellationToken)
        => plugins.RemoveAsync(Plugin.Id, cancellationToken);

    internal bool IsInMemory => plugins.Status.Any(plugin => plugin.LeakedContexts + plugin.Dying > 0);

    static async Task<PluginTestHost> OpenAsync(
        string folder, Action<PluginTestOptions>? configure, CancellationToken cancellationToken)
    {
        var options = new PluginTestOptions();
        configure?.Invoke(options);
        var (plugin, warnings) = (PluginFolder.Read(folder), new WarningLog());
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting().AddLogging(logs => logs.AddProvider(warnings));
        builder.Services.AddPluginRuntime((runtime, _) => Configure(runtime, options, plugin));
        var app = builder.Build();
        app.MapPlugins();
        await app.StartAsync(cancellationToken);
        return new(app, options, plugin, warnings);
    }

    static void Configure(PluginRuntimeOptions runtime, PluginTestOptions options, PluginFolder plugin)
    {
        runtime.Configuration = plugin.Configuration(options.Settings);
        runtime.AddHostServices = (services, _) => options.AddTo(services);
        runtime.Migrate = options.Migrate is { } migrate
            ? (owned, stop) => migrate(
                owned.Scripts.Schema, [.. owned.Scripts.Scripts.Select(script => (script.Name, script.Sql))], stop)
            : null;
        runtime.ListenAddress = IPAddress.Loopback;
        runtime.UsesFreePorts = true;
        runtime.DrainDeadline = options.DrainLimit;
    }
}
