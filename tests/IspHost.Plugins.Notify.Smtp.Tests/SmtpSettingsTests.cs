using IspHost.Sdk.Testing;
using MailKit.Security;

namespace IspHost.Plugins.Notify.Smtp.Tests;

public sealed class SmtpSettingsTests
{
    [Theory]
    [InlineData(null, SecureSocketOptions.StartTls, 587)]
    [InlineData("starttls", SecureSocketOptions.StartTls, 587)]
    [InlineData("tls", SecureSocketOptions.SslOnConnect, 465)]
    [InlineData("none", SecureSocketOptions.None, 25)]
    public void The_port_follows_the_encryption(string? security, SecureSocketOptions expected, int port)
    {
        var settings = Read(security is null ? [] : [("Security", security)]);
        Assert.Equal((expected, port), (settings.Security, settings.Port));
    }

    [Fact]
    public void A_port_that_is_set_is_kept() => Assert.Equal(2525, Read(("Port", "2525")).Port);

    [Theory]
    [InlineData("Port", "0", "Setting Port: '0' is not a number from 1 to 65535.")]
    [InlineData("Port", "many", "Setting Port: 'many' is not a number from 1 to 65535.")]
    [InlineData("Security", "ssl", "Setting Security: 'ssl' is not one of none, starttls and tls.")]
    [InlineData("From", "billing", "Setting From: 'billing' is not an e-mail address.")]
    public void A_setting_that_makes_no_sense_is_named(string key, string value, string expected)
        => Assert.Equal(expected, Assert.Throws<FormatException>(() => Read((key, value))).Message);

    [Fact]
    public void A_password_is_not_sent_in_clear_to_another_machine()
    {
        var error = Assert.Throws<FormatException>(() => Read(("Host", "mail.example"), ("Security", "none"), ("UserName", "isp")));
        Assert.Equal("Setting Security: 'none' would send the password in clear. Use starttls or tls, or no UserName.", error.Message);
        Assert.Equal("isp", Read(("Host", "127.0.0.1"), ("Security", "none"), ("UserName", "isp")).UserName);
    }

    static SmtpSettings Read(params (string, string)[] settings) => SmtpSettings.Read(new FakePluginBuilder(settings).Settings);
}
