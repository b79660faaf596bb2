using System.Text;
using IspHost.Sdk;

namespace IspHost.Core.Secrets;

/// <summary>A column of ciphertexts. Beside it stands <c>COLUMN_key</c>, the number of the key that each was made with.</summary>
public sealed class SealedColumn
{
    /// <summary>The passwords of subscribers.</summary>
    public static SealedColumn Password { get; } = new("subscription", "password");

    /// <summary>The shared secrets of access servers.</summary>
    public static SealedColumn NasSecret { get; } = new("nas_device", "secret");

    /// <summary>Rows of files, with passwords, that wait to be imported.</summary>
    public static SealedColumn ImportRows { get; } = new("import_part", "rows");

    SealedColumn(string table, string column) => (Table, Column) = (table, column);

    internal static IReadOnlyList<SealedColumn> All { get; } = [Password, NasSecret, ImportRows];

    internal string Table { get; }

    internal string Column { get; }

    /// <summary>The place of a row's ciphertext.</summary>
    public SealedPlace At(TenantId tenant, Guid row) => new(this, tenant, row);
}

/// <summary>Where a ciphertext belongs. It is authenticated with the text, so that one which was moved does not open.</summary>
public readonly record struct SealedPlace(SealedColumn Column, TenantId Tenant, Guid Row)
{
    internal byte[] Text
        => [.. Tenant.Value.ToByteArray(), .. Row.ToByteArray(), .. Encoding.ASCII.GetBytes($"{Column.Table}.{Column.Column}")];
}
