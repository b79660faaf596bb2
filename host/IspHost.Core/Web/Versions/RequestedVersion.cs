using System.Security.Claims;
using IspHost.Sdk.Web;
using NodaTime;
using NodaTime.Text;

namespace IspHost.Core.Web.Versions;

/// <summary>The version of the API that a request asks for.</summary>
/// <param name="Date">By which it is known.</param>
sealed record RequestedVersion(LocalDate Date)
{
    /// <summary>Whether bodies are as the code has them.</summary>
    public bool IsNewest => Date == ApiVersions.Newest;

    /// <summary>What authorization knows of the version that a key asks for.</summary>
    public const string Claim = "api_version";

    /// <summary>The version of the caller's key; null for a caller without a key.</summary>
    public static LocalDate? OfKey(ClaimsPrincipal caller)
        => caller.FindFirstValue(Claim) is { } text ? LocalDatePattern.Iso.Parse(text).Value : null;

    /// <summary>As the API writes it.</summary>
    public static string TextOf(LocalDate version) => LocalDatePattern.Iso.Format(version);
}
