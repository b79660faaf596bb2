using System.Runtime.Loader;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Datagrams;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Panels;
using McMaster.NETCore.Plugins;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>The plugin as a host loads it: from its own folder, in a context of its own, beside the copy that the tests refer to.</summary>
sealed class Generation : IPluginBuilder, IAsyncDisposable
{
    readonly PluginLoader loader;
    Type? job;
    Type? handler;
    ServiceProvider? provider;

    public Generation(Action<IServiceCollection> addHostServices)
    {
        loader = PluginLoader.CreateFromAssemblyFile(PathOfPlugin(), config =>
        {
            config.IsUnloadable = true;
            config.PreferSharedTypes = false;
            config.IsLazyLoaded = true; // Else it loads all that is shared once more by name, down to the last reference.
            foreach (var shared in Shared())
                config.SharedAssemblies.Add(shared);
        });
        addHostServices(Services);
        var assembly = loader.LoadDefaultAssembly();
        Context = new(AssemblyLoadContext.GetLoadContext(assembly), trackResurrection: true);
        ((IPlugin)Activator.CreateInstance(assembly.GetType("IspHost.Plugins.Billing.BillingPlugin")!)!).Configure(this);
        provider = Services.BuildServiceProvider();
    }

    /// <summary>Alive as long as anything holds the plugin.</summary>
    public WeakReference Context { get; }

    public IServiceCollection Services { get; private set; } = new ServiceCollection();

    public IConfiguration Settings { get; } = new ConfigurationBuilder().Build();

    public IJob Job => (IJob)provider!.GetRequiredService(job!);

    public IEventHandler<InvoiceIssued> Handler => (IEventHandler<InvoiceIssued>)provider!.GetRequiredService(handler!);

    public IPluginBuilder AddJob<TJob>(string name) where TJob : class, IJob
    {
        Services.AddSingleton<TJob>();
        job = typeof(TJob);
        return this;
    }

    public IPluginBuilder AddEventHandler<TEvent, THandler>() where TEvent : class where THandler : class, IEventHandler<TEvent>
    {
        Services.AddSingleton<THandler>();
        handler = typeof(THandler);
        return this;
    }

    public IPluginBuilder AddPanel<TPanel>(string name) where TPanel : class, IPanel => this;

    public IPluginBuilder MapEndpoints(Action<IEndpointRouteBuilder> map) => this;

    public IPluginBuilder OwnSchema(string schema) => this;

    public IPluginBuilder AddExtension<TPoint, TImplementation>(string name)
        where TPoint : class where TImplementation : class, TPoint => throw new NotSupportedException();

    public IPluginBuilder AddListener<THandler>(string name, int port) where THandler : class, IDatagramHandler
        => throw new NotSupportedException();

    public IPluginBuilder AddActor<TActor>(string type) where TActor : class, IActor => throw new NotSupportedException();

    public async ValueTask DisposeAsync()
    {
        await provider!.DisposeAsync();
        (provider, job, handler, Services) = (null, null, null, new ServiceCollection());
        loader.Dispose();
    }

    /// <summary>What the process has loaded, except what was emitted at run time: that has no file that could be loaded by name.</summary>
    static IEnumerable<System.Reflection.AssemblyName> Shared()
        => from assembly in AssemblyLoadContext.Default.Assemblies
           where !assembly.IsDynamic
           select assembly.GetName() into name
           where IsShared(name)
           select name;

    /// <summary>The host shares what it has; the plugin and its own packages are the plugin's.</summary>
    static bool IsShared(System.Reflection.AssemblyName assembly)
        => !assembly.Name!.StartsWith("IspHost.Plugins", StringComparison.Ordinal)
            && !assembly.Name.Contains("SkiaSharp", StringComparison.Ordinal)
            && !assembly.Name.Contains("HarfBuzz", StringComparison.Ordinal);

    /// <summary>The plugin's output lies beside that of the tests: the same configuration of another project.</summary>
    static string PathOfPlugin()
    {
        var mine = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(mine.Parent!.Parent!.FullName, "IspHost.Plugins.Billing", mine.Name, "IspHost.Plugins.Billing.dll");
    }
}
