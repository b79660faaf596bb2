using System.Net;
using System.Net.Security;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace IspHost.Server.Serving;

/// <summary>Where and how a server listens to HTTP: encrypted to all, in clear to this machine.</summary>
static class Listeners
{
    const int MaxBody = 4 * 1024 * 1024;

    public static void UseListeners(this WebApplicationBuilder builder, ServerOptions options)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBody;
            kestrel.Listen(options.IsPlainHttpAllowed ? options.Bind : IPAddress.Loopback, options.Http);
            if (options.Certificate is not { } files)
                return;
            var certificate = new CertificateFile(files, TimeProvider.System);
            var log = kestrel.ApplicationServices.GetRequiredService<ILogger<CertificateFile>>();
            certificate.OnUnreadable = reason => log.LogWarning("{Reason}", reason);
            // Read now, so that a server without one does not start.
            _ = certificate.Current;
            kestrel.Listen(options.Bind, options.Https, listen => listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(
                    new SslServerAuthenticationOptions { ServerCertificateContext = certificate.Current }),
            }));
        });
        builder.Services.AddHsts(hsts => hsts.MaxAge = TimeSpan.FromDays(365));
        builder.Services.Configure<ForwardedHeadersOptions>(forwarded =>
        {
            forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in options.Proxies)
                forwarded.KnownIPNetworks.Add(proxy);
        });
    }

    /// <summary>Believes the proxies that were named, and tells browsers to stay with HTTPS where they have it.</summary>
    public static void UseListeners(this WebApplication app, ServerOptions options)
    {
        if (options.Proxies.Count > 0)
            app.UseForwardedHeaders();
        app.UseHsts();
    }
}
