using IspHost.Sdk.Notifications;

namespace IspHost.Sdk.Testing;

/// <summary>What every <see cref="INotificationChannel"/> must do.</summary>
public static class NotificationChannelConformance
{
    /// <summary>The suite for one channel.</summary>
    /// <param name="create">Makes a fresh channel to the same station.</param>
    /// <param name="cases">How to see what was delivered.</param>
    public static ConformanceSuite For(Func<INotificationChannel> create, NotificationCases cases)
    {
        var checks = new NotificationChecks(create, cases);
        (string, Func<CancellationToken, Task>)[] files = cases.CarriesAttachments
            ? [("A file arrives octet for octet, with its name and type.", checks.FileArrives)]
            : [];
        return new ConformanceSuite("notification",
        [
            ("A message reaches its recipient, and nobody else.", checks.Arrives),
            ("A text arrives as it was sent: dots, empty and long lines included.", checks.TextArrives),
            ("A subject arrives as it was sent, in any script.", checks.SubjectArrives),
            .. files,
            ("An address that the station refuses for good is refused.", checks.RefusedAddress),
            ("What is not an address is refused.", checks.NotAnAddress),
            ("A station that cannot be reached is an exception, so that the host tries again.", checks.Unreachable),
            ("A line break in the subject smuggles nothing in.", checks.BreakInSubject),
            ("A line break in the address smuggles nothing in.", checks.BreakInAddress),
            ("A line break in the sender's name smuggles nothing in.", checks.BreakInSender),
            ("A message sent again is the same message to its receiver.", checks.SameKey),
            ("Two messages are two to their receiver.", checks.TwoKeys),
            ("Messages sent at the same time arrive once each.", checks.AtOnce),
            ("A cancelled call ends as cancelled.", checks.Cancellation),
        ]);
    }
}
