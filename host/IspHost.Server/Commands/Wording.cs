using System.Globalization;

namespace IspHost.Server.Commands;

/// <summary>Numbers as a person reads them.</summary>
static class Wording
{
    /// <summary><c>1 invoice</c>, <c>1,204 invoices</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">What one of them is called.</param>
    /// <param name="many">What several are called, if not by an s more.</param>
    public static string Count(long count, string one, string? many = null)
        => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many ?? $"{one}s")}");
}
