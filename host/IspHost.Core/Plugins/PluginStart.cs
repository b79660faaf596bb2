using IspHost.PluginRuntime;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Plugins;

/// <summary>
/// Loads the plugins that are there before the node takes requests. One that is refused does not keep the node from starting.
/// </summary>
/// <remarks>They say again what events they want when the node is in the cluster: until then the others may take it for gone.</remarks>
sealed class PluginStart(PluginHost plugins, PluginFolders folders, Packages packages, ILogger<PluginStart> log) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var installed = (await packages.LoadInstalledAsync(cancellationToken)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        // What is installed from a package is not loaded from a folder instead: that may hold a version which its tables are too new for.
        foreach (var folder in folders.All.Where(folder => !installed.Contains(Path.GetFileName(folder))))
        {
            try
            {
                await plugins.LoadAtStartAsync(folder, cancellationToken);
            }
            // A port that is taken is the operator's to free or to change, so it ends the start as a taken HTTP port does.
            catch (PluginLoadException refusal) when (refusal.Step != "listen")
            {
                log.LogError("The node starts without a plugin: {Refusal}", refusal.Message);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => plugins.SubscribeAsync(cancellationToken);
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
