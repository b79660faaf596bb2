using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using IspHost.Core.Plugins;
using IspHost.PluginRuntime;
using IspHost.Server.Client;
using IspHost.Server.Serving;
using NuGet.Versioning;

namespace IspHost.Server.Commands;

/// <summary>What <c>plugins</c> does with packages: keys, signatures, feeds, and their installation.</summary>
static class PackageCommands
{
    static readonly Option<string?> Source = new("--source")
    {
        Description = "A folder, the address of a feed, or its name in the NuGet configuration; by default the only one there.",
        HelpName = "FEED",
    };

    public static IEnumerable<Command> Create() => [KeyGen(), Sign(), Verify(), Search(), Install(), Packages()];

    static Command KeyGen()
    {
        var file = new Argument<FileInfo>("file") { Description = "Where the private key goes.", HelpName = "KEY.pem" };
        var command = new Command("keygen", "Makes a pair of keys to sign packages with.") { file, CommonOptions.Json };
        command.Does(async (parsed, stop) =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var (target, publicKey) = (parsed.GetValue(file)!.FullName, key.ExportSubjectPublicKeyInfoPem());
            if (File.Exists(target))
                throw new StartException($"{target} is there already, and a key that is lost signs nothing any more.");
            var fingerprint = Publisher.FingerprintOf(publicKey);
            var privateKey = Encoding.UTF8.GetBytes(key.ExportPkcs8PrivateKeyPem());
            await Files.WritingAsync(target, () => PrivateFiles.WriteAsync(target, privateKey, stop));
            var shown = Path.ChangeExtension(target, ".pub.pem");
            await Files.WritingAsync(shown, () => File.WriteAllTextAsync(shown, publicKey, stop));
            Output.Write(
                parsed, new { fingerprint, public_key = shown }, $"{shown} has the public key, with the fingerprint {fingerprint}.");
        });
        return command;
    }

    static Command Sign()
    {
        var file = PackageFile();
        var key = new Option<FileInfo>("--key") { Description = "The private key.", HelpName = "KEY.pem", Required = true };
        var command = new Command("sign", "Signs a package, in place.") { file, key, CommonOptions.Json };
        command.Does(async (parsed, stop) =>
        {
            var package = parsed.GetValue(file)!;
            var pem = await Files.ReadAsync(parsed.GetValue(key)!, stop);
            var fingerprint = Signing(package, () => PackageSignature.Sign(package.FullName, pem));
            Output.Write(parsed, new { fingerprint }, $"{package.Name} is signed with the key {fingerprint}.");
        });
        return command;
    }

    static Command Verify()
    {
        var file = PackageFile();
        var keys = new Option<FileInfo[]>("--key")
        {
            Description = "A public key that is trusted, instead of those that the server knows. May be given more than once.",
            HelpName = "KEY.pub.pem",
        };
        var command = new Command("verify", "Checks a package as a server would, and installs nothing.") { file, keys }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var trust = parsed.GetValue(keys) is { Length: > 0 } given ? await TrustAsync(given, stop) : await TrustAsync(parsed, stop);
            var package = Checked(parsed.GetValue(file)!, trust);
            Output.Write(
                parsed, new { plugin = package.Manifest.Id, version = package.Manifest.Version.ToNormalizedString(), package.Sha256 },
                $"{package.Manifest.Id} {package.Manifest.Version}, {Wording.Count(package.Count, "file")}, "
                + $"signed by {package.Publisher!.Name}, asks for "
                + $"{(package.Manifest.Permissions.Count == 0 ? "nothing" : string.Join(", ", package.Manifest.Permissions))}.");
        });
        return command;
    }

    static Command Search()
    {
        var text = new Argument<string>("text") { Description = "In id or description.", HelpName = "TEXT" };
        var command = new Command("search", "Finds plugins in a feed.") { text, Source, CommonOptions.Json };
        command.Does(async (parsed, stop) =>
        {
            var found = await PackageFeed.Open(parsed.GetValue(Source)).SearchAsync(parsed.GetValue(text)!, stop);
            Output.Write(parsed, found, Output.Table(
                ["PLUGIN", "VERSION", "DESCRIPTION"],
                found.Select(package => (IReadOnlyList<string>)[package.Id, package.Version, package.Description])));
        });
        return command;
    }

    static Command Install()
    {
        var what = new Argument<string>("what") { Description = "A package, or the id of a plugin in a feed.", HelpName = "FILE|PLUGIN" };
        var version = new Option<string?>("--version") { Description = "By default the newest that is released.", HelpName = "V" };
        var grant = new Option<string[]>("--grant")
        {
            Description = "A permission that it asks for. May be given more than once; those of the version before stay.",
            HelpName = "PERMISSION",
        };
        var downgrade = new Option<bool>("--allow-downgrade") { Description = "Take a lower version than one that was installed before." };
        var other = new Option<bool>("--allow-other-publisher") { Description = "Take it from another publisher than before." };
        var command = new Command("install", "Loads a plugin from a package, or puts it in the place of the version that serves.")
        {
            what, version, Source, grant, downgrade, other,
        }.OnServer();
        command.Does(async (parsed, stop) =>
        {
            var wanted = parsed.GetValue(what)!;
            await using var file = await FindAsync(wanted, parsed.GetValue(version), parsed.GetValue(Source), stop);
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            using var content = new StreamContent(file) { Headers = { ContentType = new("application/octet-stream") } };
            var package = await api.PostAsync<PackageView>("plugins/packages", null, content, stop);
            // What a feed calls by this name may be anything.
            if (!File.Exists(wanted) && !string.Equals(package.Plugin, wanted, StringComparison.OrdinalIgnoreCase))
                throw new RequestException(null, $"The package {wanted} holds another plugin, {package.Plugin}: it was not installed.");
            var installed = await api.PostAsync<PackageView>(
                $"plugins/packages/{package.Sha256}/install", null,
                new Installation(parsed.GetValue(grant), parsed.GetValue(downgrade), parsed.GetValue(other)), stop);
            Output.Write(parsed, installed, $"{installed.Plugin} {installed.Version} is installed.");
        });
        return command;
    }

    static Command Packages()
    {
        var command = new Command("packages", "Lists the packages that were taken.").OnServer();
        command.Does(async (parsed, stop) =>
        {
            await using var api = await CommonOptions.ConnectAsync(parsed, stop);
            var packages = await api.ListAsync<PackageView>("plugins/packages", null, stop);
            Output.Write(parsed, packages, Output.Table(
                ["PLUGIN", "VERSION", "STATE", "GRANTED", "SIGNED BY"],
                packages.Select(package => (IReadOnlyList<string>)
                [
                    package.Plugin, package.Version, $"{package.State}", string.Join(' ', package.Granted), package.SignedBy ?? "nobody",
                ])));
        });
        return command;
    }

    static Argument<FileInfo> PackageFile() => new("file") { Description = "The package.", HelpName = "FILE.nupkg" };

    /// <summary>The package, in a file that is gone when it is closed if it came from a feed.</summary>
    static async Task<FileStream> FindAsync(string what, string? version, string? source, CancellationToken stop)
    {
        if (File.Exists(what))
            return await Files.ReadAsync(new FileInfo(what), (path, _) => Task.FromResult(File.OpenRead(path)), stop);
        if (version is not null && !NuGetVersion.TryParse(version, out _))
            throw new StartException($"'{version}' is no version.");
        var file = new FileStream(
            Path.GetTempFileName(), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.DeleteOnClose);
        try
        {
            await PackageFeed.Open(source).DownloadAsync(what, version is null ? null : NuGetVersion.Parse(version), file, stop);
            file.Position = 0;
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    static async Task<PackageTrust> TrustAsync(FileInfo[] keys, CancellationToken stop)
    {
        var publishers = new List<Publisher>();
        foreach (var key in keys)
            publishers.Add(new() { Name = key.Name, PublicKey = await Files.ReadAsync(key, stop), Tier = PublisherTier.Trusted });
        return new(publishers, AllowsLocal: false);
    }

    static async Task<PackageTrust> TrustAsync(ParseResult parsed, CancellationToken stop)
    {
        await using var api = await CommonOptions.ConnectAsync(parsed, stop);
        var known = await api.ListAsync<PublisherView>("publishers", null, stop);
        return new(
            [.. known.Select(key => new Publisher
            {
                Name = key.Name, PublicKey = key.PublicKey, Tier = key.Tier, IsRevoked = key.RevokedAt is not null,
            })], AllowsLocal: false);
    }

    static PluginPackage Checked(FileInfo file, PackageTrust trust)
    {
        try
        {
            return PluginPackages.Check(file.FullName, trust, new PluginRuntimeOptions());
        }
        catch (PluginLoadException refusal)
        {
            throw new RequestException(null, refusal.Message, [refusal.Refusal.Remedy]);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be read: {cause.Message}", cause);
        }
    }

    static string Signing(FileInfo package, Func<string> sign)
    {
        try
        {
            return sign();
        }
        catch (Exception cause) when (
            cause is IOException or UnauthorizedAccessException or InvalidDataException or CryptographicException or ArgumentException)
        {
            throw new StartException($"{package} cannot be signed: {cause.Message}", cause);
        }
    }
}
