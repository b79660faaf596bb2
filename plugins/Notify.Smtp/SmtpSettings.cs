using System.Globalization;
using System.Net;
using MailKit.Security;
using Microsoft.Extensions.Configuration;
using MimeKit;

namespace IspHost.Plugins.Notify.Smtp;

/// <summary>Where mail goes. Either <see cref="Host"/> or <see cref="PickupFolder"/> must be set before anything can be sent.</summary>
sealed record SmtpSettings
{
    /// <summary>The name or address of the next mail server.</summary>
    public string? Host { get; init; }

    /// <summary>Its port: by default 25, 587 or 465, as <see cref="Security"/> has it.</summary>
    public int Port { get; init; }

    /// <summary>Whether the connection is encrypted.</summary>
    public SecureSocketOptions Security { get; init; } = SecureSocketOptions.StartTls;

    /// <summary>Whom to log in as; null for no login.</summary>
    public string? UserName { get; init; }

    /// <summary>The password of <see cref="UserName"/>.</summary>
    public string? Password { get; init; }

    /// <summary>The address that mail comes from; the name beside it is the tenant's.</summary>
    public string From { get; init; } = "noreply@localhost";

    /// <summary>Where mail is written as .eml files while there is no <see cref="Host"/>.</summary>
    public string? PickupFolder { get; init; }

    /// <summary>Reads and checks the plugin's settings.</summary>
    /// <exception cref="FormatException">A setting makes no sense; the host then refuses the plugin and shows the text.</exception>
    public static SmtpSettings Read(IConfiguration settings)
    {
        var (security, port) = Encryption(settings[nameof(Security)]);
        var read = new SmtpSettings
        {
            Host = Text(settings[nameof(Host)]),
            Port = PortOf(settings[nameof(Port)], port),
            Security = security,
            UserName = Text(settings[nameof(UserName)]),
            Password = settings[nameof(Password)],
            From = Text(settings[nameof(From)]) ?? "noreply@localhost",
            PickupFolder = Text(settings[nameof(PickupFolder)]),
        };
        if (Mailbox.Parse(read.From) is null)
            throw new FormatException($"Setting From: '{read.From}' is not an e-mail address.");
        if (read is { UserName: not null, Host: { } host, Security: SecureSocketOptions.None } && !IsLoopback(host))
            throw new FormatException("Setting Security: 'none' would send the password in clear. Use starttls or tls, or no UserName.");
        return read;
    }

    static (SecureSocketOptions Security, int Port) Encryption(string? text) => text switch
    {
        "none" => (SecureSocketOptions.None, 25),
        "starttls" or null or "" => (SecureSocketOptions.StartTls, 587),
        "tls" => (SecureSocketOptions.SslOnConnect, 465),
        _ => throw new FormatException($"Setting Security: '{text}' is not one of none, starttls and tls."),
    };

    static int PortOf(string? text, int otherwise)
    {
        if (string.IsNullOrWhiteSpace(text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? port
            : throw new FormatException($"Setting Port: '{text}' is not a number from 1 to 65535.");
    }

    static bool IsLoopback(string host)
        => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(SmtpSettings)} {Host}:{Port}";
}

/// <summary>One address of RFC 5322.</summary>
static class Mailbox
{
    static readonly ParserOptions Strict = new()
    {
        AllowAddressesWithoutDomain = false,
        AddressParserComplianceMode = RfcComplianceMode.Strict,
    };

    /// <summary>The address, or null if the text is none, is more than one, or could end a line of a header or a command.</summary>
    public static MailboxAddress? Parse(string text)
        => text.Length <= 320 && !text.Any(Lines.Ends) && MailboxAddress.TryParse(Strict, text, out var mailbox) ? mailbox : null;
}

/// <summary>Keeps a text to one line: what ends a line ends a header, and the next header would be the writer's own.</summary>
static class Lines
{
    /// <summary>Control characters, and Unicode's line and paragraph separators.</summary>
    public static bool Ends(char sign) => char.IsControl(sign) || sign is '\u2028' or '\u2029';

    public static string Joined(string text) => string.Concat(text.Select(sign => Ends(sign) ? ' ' : sign));
}
