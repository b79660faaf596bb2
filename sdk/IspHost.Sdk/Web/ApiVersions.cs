using NodaTime;

namespace IspHost.Sdk.Web;

/// <summary>The versions of the API, each known by its date, as <c>Api-Version</c> names it.</summary>
/// <remarks>
/// All code speaks the newest. What is older is made from it by <see cref="ApiChange"/>, on the way in and on the way out.
/// </remarks>
public static class ApiVersions
{
    /// <summary>The first one.</summary>
    public static LocalDate First { get; } = new(2026, 11, 1);

    /// <summary>The one that comes next: to be tried until the operator releases it.</summary>
    public static LocalDate Next { get; } = new(2027, 6, 1);

    /// <summary>The newest last.</summary>
    public static IReadOnlyList<LocalDate> All { get; } = [First, Next];

    /// <summary>What all code speaks.</summary>
    public static LocalDate Newest => All[^1];
}
