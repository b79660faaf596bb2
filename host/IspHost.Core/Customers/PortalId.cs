using System.Globalization;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Customers;

/// <summary>The number that a customer gives on the phone and in the portal: <c>ACME-0000017-3</c>.</summary>
/// <remarks>The last digit is a check digit by Luhn (ISO/IEC 7812-1): it catches any wrong digit and most swapped neighbours.</remarks>
public static class PortalId
{
    /// <summary>The portal id with this number.</summary>
    public static string Format(string tenantCode, long number)
    {
        var digits = number.ToString("0000000", CultureInfo.InvariantCulture);
        return $"{tenantCode.ToUpperInvariant()}-{digits}-{CheckDigit(digits)}";
    }

    /// <summary>Whether the text has the form of a portal id and its check digit is right.</summary>
    public static bool IsValid(string text)
    {
        var last = text.LastIndexOf('-');
        var first = last > 0 ? text.LastIndexOf('-', last - 1) : -1;
        if (first < 1 || last != text.Length - 2)
            return false;
        var digits = text.AsSpan(first + 1, last - first - 1);
        return digits.Length >= 7 && !digits.ContainsAnyExceptInRange('0', '9') && text[^1] == CheckDigit(digits);
    }

    /// <summary>Draws the next numbers of the tenant, in the present transaction: a rollback gives them back.</summary>
    /// <returns>The first of them.</returns>
    internal static async Task<long> DrawAsync(IspDb db, TenantId tenant, int count, CancellationToken cancellationToken)
    {
        var last = await db.Database.SqlQuery<long>(
            $"""
            insert into host.portal_number as n (tenant_id, last) values ({tenant.Value}, {count})
            on conflict (tenant_id) do update set last = n.last + excluded.last
            returning last as "Value"
            """)
            .ToListAsync(cancellationToken);
        return last.Single() - count + 1;
    }

    static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var doubled = i % 2 == 0 ? digit * 2 : digit;
            sum += doubled > 9 ? doubled - 9 : doubled;
        }
        return (char)('0' + ((10 - (sum % 10)) % 10));
    }
}
