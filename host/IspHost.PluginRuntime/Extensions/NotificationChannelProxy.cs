using IspHost.Sdk.Notifications;

namespace IspHost.PluginRuntime;

sealed class NotificationChannelProxy(Slot<INotificationChannel> slot) : INotificationChannel
{
    public async ValueTask<NotificationResult> SendAsync(Notification notification, CancellationToken cancellationToken)
        => await slot.CallAsync(
            notification.Tenant, static (channel, sent, stop) => channel.SendAsync(sent, stop), notification, cancellationToken);
}
