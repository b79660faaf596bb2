using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IspHost.Server.Serving;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IspHost.Server.Tests;

/// <summary>The listeners of a server, before an endpoint that says who asks and how.</summary>
public sealed class Encryption : IAsyncLifetime
{
    readonly string folder = Directory.CreateTempSubdirectory("isphost-certificate-").FullName;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string Pem => Path.Combine(folder, "server.pem");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Is_what_other_machines_get_and_plain_HTTP_is_for_this_one()
    {
        Write("first");
        await using var app = await StartAsync(
            new ServerOptions { Certificate = new CertificateFiles(Pem, null, null), Http = 0, Https = 0 });

        Assert.Equal(["http://127.0.0.1", "https://0.0.0.0"], app.Urls.Select(url => url[..url.LastIndexOf(':')]).Order());
        Assert.Equal("CN=first", await NameShownAsync(PortOf(app, "https")));
    }

    [Fact]
    public async Task Is_not_there_without_a_certificate_and_plain_HTTP_goes_to_others_only_if_allowed()
    {
        await using var closed = await StartAsync(new ServerOptions { Http = 0 });
        await using var open = await StartAsync(new ServerOptions { Http = 0, IsPlainHttpAllowed = true });

        Assert.StartsWith("http://127.0.0.1:", Assert.Single(closed.Urls), StringComparison.Ordinal);
        Assert.StartsWith("http://0.0.0.0:", Assert.Single(open.Urls), StringComparison.Ordinal);
    }

    [Fact]
    public void Goes_on_with_a_certificate_that_was_renewed_and_with_the_old_one_while_the_new_cannot_be_read()
    {
        var time = new Minutes();
        var certificate = new CertificateFile(new CertificateFiles(Pem, null, null), time);
        var complaints = new List<string>();
        certificate.OnUnreadable = complaints.Add;
        var names = new List<string>();
        foreach (var (minute, content) in ((int, string)[])[(0, "first"), (1, ""), (2, "second")])
        {
            Write(content, minute);
            time.Now = minute;
            names.Add(certificate.Current.TargetCertificate.Subject);
        }

        Assert.Equal(["CN=first", "CN=first", "CN=second"], names);
        Assert.StartsWith($"The certificate in {Pem} cannot be used: ", Assert.Single(complaints), StringComparison.Ordinal);
    }

    [Fact]
    public void May_come_from_a_PFX_with_a_password()
    {
        var file = Path.Combine(folder, "server.pfx");
        using (var made = Make("packed"))
            File.WriteAllBytes(file, made.Export(X509ContentType.Pfx, "secret"));

        var certificate = new CertificateFile(new CertificateFiles(file, null, "secret"), TimeProvider.System);

        Assert.Equal("CN=packed", certificate.Current.TargetCertificate.Subject);
    }

    [Fact]
    public async Task Of_a_proxy_is_believed_if_it_was_named()
    {
        await using var named = await StartAsync(new ServerOptions { Http = 0, Proxies = [IPNetwork.Parse("127.0.0.1/32")] });
        await using var unnamed = await StartAsync(new ServerOptions { Http = 0 });

        Assert.Equal("https 192.0.2.9", await AskThroughProxyAsync(named));
        Assert.Equal("http 127.0.0.1", await AskThroughProxyAsync(unnamed));
    }

    static async Task<WebApplication> StartAsync(ServerOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.UseListeners(options);
        var app = builder.Build();
        app.UseListeners(options);
        app.MapGet("/", (HttpContext http) => $"{http.Request.Scheme} {http.Connection.RemoteIpAddress}");
        await app.StartAsync(Stop);
        return app;
    }

    static int PortOf(WebApplication app, string scheme) => app.Urls.Select(url => new Uri(url)).Single(url => url.Scheme == scheme).Port;

    static async Task<string> AskThroughProxyAsync(WebApplication app)
    {
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.9");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        return await client.GetStringAsync(new Uri($"http://127.0.0.1:{PortOf(app, "http")}/"), Stop);
    }

    static async Task<string> NameShownAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Stop);
        // What is looked at is the certificate itself, which no authority has signed.
        await using var stream = new SslStream(socket.GetStream(), false, (_, shown, _, _) => shown is not null);
        await stream.AuthenticateAsClientAsync("localhost");
        return stream.RemoteCertificate!.Subject;
    }

    void Write(string name, int minute = 0)
    {
        using var made = name.Length == 0 ? null : Make(name);
        File.WriteAllText(
            Pem, made is null ? "-----BEGIN" : $"{made.ExportCertificatePem()}\n{made.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        File.SetLastWriteTimeUtc(Pem, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
    }

    sealed class Minutes : TimeProvider
    {
        public int Now { get; set; }

        public override long GetTimestamp() => Now * 60L * TimestampFrequency;
    }

    static X509Certificate2 Make(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, default), new DateTimeOffset(2099, 1, 1, 0, 0, 0, default));
    }
}
