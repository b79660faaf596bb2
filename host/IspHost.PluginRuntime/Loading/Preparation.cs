using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using IspHost.Sdk.Datagrams;
using McMaster.NETCore.Plugins;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace IspHost.PluginRuntime;

/// <summary>Makes a generation out of a folder: everything that can be done before anybody calls it.</summary>
sealed class Preparation(
    PluginRuntimeOptions options, SharedAssemblies shared, Slots slots, IReplyCache replies, ILoggerFactory logs, TimeProvider time)
{
    /// <summary>Loads the plugin and lets it configure itself. The generation owns what was loaded even if a later step throws.</summary>
    /// <remarks>On a thread of its own: code that hangs costs that thread, and the plugin is refused.</remarks>
    public async Task<Prepared> PrepareAsync(Generation generation, string folder, PluginHome home, CancellationToken cancellationToken)
    {
        var preparing = Task.Factory.StartNew(
            () => Prepare(generation, folder, home), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await preparing.WaitAsync(options.ConfigureDeadline, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw PluginRefusal.NotReady.Of(home.Id, $"it was not ready within {options.ConfigureDeadline.TotalSeconds:0.###} s");
        }
    }

    Prepared Prepare(Generation generation, string folder, PluginHome home)
    {
        var manifest = generation.Manifest;
        var assembly = Step(PluginRefusal.NotLoaded, manifest, () => Load(generation, folder));
        var builder = Step(PluginRefusal.NotConfigured, manifest, () => Configure(manifest, assembly));
        var routes = Step(PluginRefusal.NotConfigured, manifest, () => Build(generation, builder, home));
        if (routes.Count > 0 && options.CheckEndpoints is { } check)
            Step(PluginRefusal.NotDescribed, manifest, () => check(manifest.Identity, generation.Container));
        return new Prepared
        {
            Slots = [.. builder.Contributions.Select(contribution => contribution.Slot)],
            Listeners = builder.Listeners,
            Endpoints = [.. routes.Select(route => route.Endpoint)],
            Schema = Step(PluginRefusal.NotConfigured, manifest, () => SchemaOf(builder, assembly)),
            Subscriptions = new PluginSubscriptions(
                manifest.Identity,
                [.. builder.Contributions.Select(contribution => contribution.Slot).OfType<Slot<EventHandling>>()
                    .Select(slot => EventHandling.Split(slot.Name))],
                IsReplacement: home.Current is not null),
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    Assembly Load(Generation generation, string folder)
    {
        var loader = PluginLoader.CreateFromAssemblyFile(Path.GetFullPath(Path.Combine(folder, generation.Manifest.Assembly)), config =>
        {
            config.IsUnloadable = true;
            config.IsLazyLoaded = true; // What is shared is known in full, so that the loader need not walk it again.
            foreach (var name in shared.Names)
                config.SharedAssemblies.Add(new AssemblyName(name));
        });
        generation.Own(loader);
        var assembly = loader.LoadDefaultAssembly();
        _ = assembly.GetTypes(); // Finds a missing member of the SDK now, and not in the middle of a call.
        return assembly;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    PluginBuilder Configure(PluginManifest manifest, Assembly assembly)
    {
        var entry = assembly.GetType(manifest.Entry)
            ?? throw new TypeLoadException($"{manifest.Assembly} has no class {manifest.Entry}");
        if (!entry.IsAssignableTo(typeof(IPlugin)) || entry.GetConstructor(Type.EmptyTypes) is null)
            throw new TypeLoadException($"{manifest.Entry} must implement IPlugin and have a public constructor without parameters");

        var builder = new PluginBuilder(manifest, slots, HostServices(manifest.Identity), SettingsOf(manifest.Id));
        ((IPlugin)Activator.CreateInstance(entry)!).Configure(builder);
        return builder;
    }

    ServiceCollection HostServices(PluginIdentity plugin)
    {
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(new PluginLogFactory(logs, plugin));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton<IMeterFactory>(_ => new PluginMeters(plugin));
        services.AddSingleton<IExtensions>(slots);
        services.AddSingleton(replies);
        services.AddOptions();
        services.Configure<JsonOptions>(PlatformJson);
        options.AddHostServices?.Invoke(services, plugin);
        return services;
    }

    static void PlatformJson(JsonOptions json)
    {
        var platform = SdkJson.NewOptions();
        json.SerializerOptions.PropertyNamingPolicy = platform.PropertyNamingPolicy;
        json.SerializerOptions.DefaultIgnoreCondition = platform.DefaultIgnoreCondition;
        foreach (var converter in platform.Converters)
            json.SerializerOptions.Converters.Add(converter);
    }

    /// <summary>A copy: a subscription to changes of the host's configuration would outlive the plugin.</summary>
    IConfigurationRoot SettingsOf(string plugin)
        => new ConfigurationBuilder()
            .AddInMemoryCollection(options.Configuration.GetSection($"Plugins:{plugin}").AsEnumerable(makePathsRelative: true))
            .Build();

    /// <summary>Makes one of everything now: what cannot be made is found before the switch.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    IReadOnlyList<PluginRoute> Build(Generation generation, PluginBuilder builder, PluginHome home)
    {
        var described = new DescribedEndpoints();
        builder.Services.AddSingleton<EndpointDataSource>(described);
        var container = builder.Services.BuildServiceProvider(
            new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        generation.Own(container);
        var routes = PluginRoutes.Collect(container, builder.Endpoints, options.ConfigureEndpoints, home, generation.Manifest);
        described.Add(routes.Select(route => route.Mapped));
        var offers = new Offer?[slots.Count];
        foreach (var (slot, make) in builder.Contributions)
            offers[slot.Number] = slots.Offer(slot, make(container));
        generation.Fill(offers, routes.ToDictionary(route => route.Key, route => route.Run));
        return routes;
    }

    SchemaScripts? SchemaOf(PluginBuilder builder, Assembly assembly)
    {
        if (builder.Schema is not { } schema)
            return null;
        if (options.Migrate is null)
            throw new InvalidOperationException("it owns a schema, and this host has no database for plugins");
        return SchemaScripts.Of(schema, assembly);
    }

    static void Step(PluginRefusal rule, PluginManifest manifest, Action run) => Step(rule, manifest, () =>
    {
        run();
        return true;
    });

    static TResult Step<TResult>(PluginRefusal rule, PluginManifest manifest, Func<TResult> run)
    {
        try
        {
            return run();
        }
        catch (Exception e) when (e is not PluginLoadException) // The boundary to foreign code.
        {
            throw Refusal.Of(manifest.Id, rule, e);
        }
    }
}

/// <summary>What the switch needs to know of a generation that is ready.</summary>
sealed record Prepared
{
    public required IReadOnlyList<Slot> Slots { get; init; }

    public required IReadOnlyList<(Slot<IDatagramHandler> Slot, int Port)> Listeners { get; init; }

    public required Endpoint[] Endpoints { get; init; }

    public required SchemaScripts? Schema { get; init; }

    public required PluginSubscriptions Subscriptions { get; init; }
}
