using System.Security.Cryptography;
using System.Text;
using IspHost.Sdk;

namespace IspHost.Plugins.Billing;

/// <summary>An account of the ledger.</summary>
/// <remarks>Its identity is made from what it is, so that a bill run knows it without having to ask.</remarks>
sealed record LedgerAccount(string Kind, string Code, Currency Currency, CustomerId? Customer)
{
    public Guid Id { get; } = IdOf($"{Code}|{Currency.Code}|{Customer}");

    /// <summary>What a customer owes.</summary>
    public static LedgerAccount Receivable(Currency currency, CustomerId customer) => new("asset", "receivable", currency, customer);

    public static LedgerAccount Revenue(Currency currency) => new("income", "revenue", currency, null);

    /// <summary>Tax that is owed to whoever levies it.</summary>
    public static LedgerAccount Tax(Currency currency, string jurisdiction) => new("liability", $"tax:{jurisdiction}", currency, null);

    static Guid IdOf(string text) => new(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16), bigEndian: true);
}
