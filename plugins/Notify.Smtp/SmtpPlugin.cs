using IspHost.Sdk;
using IspHost.Sdk.Notifications;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Plugins.Notify.Smtp;

/// <summary>Offers the notification extension <c>email</c>.</summary>
public sealed class SmtpPlugin : IPlugin
{
    /// <inheritdoc/>
    public void Configure(IPluginBuilder plugin)
    {
        plugin.Services.AddSingleton(SmtpSettings.Read(plugin.Settings));
        plugin.AddExtension<INotificationChannel, EmailChannel>("email");
    }
}
