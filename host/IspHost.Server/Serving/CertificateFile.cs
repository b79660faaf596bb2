using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IspHost.Server.Serving;

/// <summary>The server's certificate, from a file that whoever renews it writes anew: the next connections get the new one.</summary>
/// <remarks>A file that cannot be read, perhaps because it is being written, leaves the certificate as it was.</remarks>
sealed class CertificateFile(CertificateFiles files, TimeProvider time)
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    SslStreamCertificateContext? current;
    DateTime written;
    long looked;

    /// <summary>Called with why a changed file could not be used.</summary>
    public Action<string>? OnUnreadable { get; set; }

    /// <exception cref="StartException">There is no certificate with its key in the files.</exception>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (gate)
            {
                if (current is null || time.GetElapsedTime(looked) >= Interval)
                    Look();
                return current!;
            }
        }
    }

    void Look()
    {
        looked = time.GetTimestamp();
        var changed = files.LastWritten;
        if (current is not null && changed == written)
            return;
        try
        {
            current = files.Read();
            written = changed;
        }
        catch (Exception cause) when (cause is CryptographicException or IOException or ArgumentException or UnauthorizedAccessException)
        {
            var reason = $"The certificate in {files.Certificate} cannot be used: {cause.Message.ReplaceLineEndings(" ")}";
            if (current is null)
                throw new StartException(reason, cause);
            OnUnreadable?.Invoke(reason);
        }
    }
}

/// <summary>Where a certificate is.</summary>
/// <param name="Certificate">PEM, the server's first and then those between it and the root; or PFX.</param>
/// <param name="Key">PEM; null if it is in the same file.</param>
/// <param name="Password">Of the PFX or the key, if it has one.</param>
sealed record CertificateFiles(string Certificate, string? Key, string? Password)
{
    public override string ToString() => Certificate;

    public DateTime LastWritten
    {
        get
        {
            var written = File.GetLastWriteTimeUtc(Certificate);
            return Key is not null && File.GetLastWriteTimeUtc(Key) is var key && key > written ? key : written;
        }
    }

    public SslStreamCertificateContext Read()
    {
        var all = new X509Certificate2Collection();
        X509Certificate2 own;
        if (X509Certificate2.GetCertContentType(Certificate) is X509ContentType.Pfx)
        {
            all = X509CertificateLoader.LoadPkcs12CollectionFromFile(Certificate, Password);
            own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                ?? throw new CryptographicException("there is no private key in it.");
        }
        else
        {
            own = Password is null
                ? X509Certificate2.CreateFromPemFile(Certificate, Key)
                : X509Certificate2.CreateFromEncryptedPemFile(Certificate, Password, Key);
            all.ImportFromPemFile(Certificate);
        }
        return SslStreamCertificateContext.Create(own, all, offline: true);
    }
}
