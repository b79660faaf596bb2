using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using Microsoft.Extensions.DependencyInjection;

namespace HelloNotification;

/// <summary>Offers the notification extension <c>pigeonhole</c>, with the setting <c>Folder</c>.</summary>
public sealed class HelloNotificationPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        var folder = plugin.Settings["Folder"] ?? throw new InvalidOperationException("Setting Folder: where are the pigeonholes?");
        plugin.Services.AddSingleton(new Pigeonholes(folder));
        plugin.AddExtension<INotificationChannel, Pigeonholes>("pigeonhole");
    }
}
