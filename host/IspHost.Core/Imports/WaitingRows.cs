using System.Text.Json;
using IspHost.Core.Catalog;
using IspHost.Core.Secrets;
using IspHost.Core.Subscriptions;
using IspHost.Sdk;

namespace IspHost.Core.Imports;

/// <summary>What a file has brought: rows that are to be imported, sealed in parts, and rows that are refused as they stand.</summary>
/// <remarks>A file may be larger than memory should hold twice, so its rows are sealed as they are read, and of the refused ones the first
/// are kept.</remarks>
sealed class WaitingRows(TenantId tenant, IReadOnlyDictionary<string, PlanVersion> plans, Vault vault)
{
    /// <summary>So many rows are imported by one transaction.</summary>
    public const int PartSize = 1000;

    /// <summary>So many refused rows of an import are kept; the others are counted.</summary>
    public const int MostRefusals = 10_000;

    readonly HashSet<string> names = new(StringComparer.Ordinal);
    readonly List<WaitingRow> part = new(PartSize);

    public List<(Guid Id, byte[] Rows)> Parts { get; } = [];

    public List<(int Row, string Reason)> Refusals { get; } = [];

    public int Refused { get; private set; }

    public int Count { get; private set; }

    /// <exception cref="SubscriberFileException">The file is not one of subscribers.</exception>
    public async Task ReadAsync(TextReader file, CancellationToken stop)
    {
        await foreach (var row in SubscriberFile.ReadAsync(file).WithCancellation(stop))
            Add(row);
        if (part.Count > 0)
            EndPart();
    }

    /// <summary>The rows of a part.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The key that sealed them is not at hand.</exception>
    public static List<WaitingRow> Open(Vault vault, TenantId tenant, Guid part, byte[] rows)
        => JsonSerializer.Deserialize<List<WaitingRow>>(vault.OpenBytes(SealedColumn.ImportRows.At(tenant, part), rows))!;

    void Add(SubscriberRow row)
    {
        Count++;
        if (Fault(row) is { } fault)
        {
            if (Refused++ < MostRefusals)
                Refusals.Add((row.Number, fault));
            return;
        }
        var plan = plans[row.Plan];
        part.Add(new WaitingRow(row.Number, row.UserName, row.Password, plan.PlanId.Value, plan.Version));
        if (part.Count == PartSize)
            EndPart();
    }

    void EndPart()
    {
        var id = Guid.CreateVersion7();
        Parts.Add((id, vault.Seal(SealedColumn.ImportRows.At(tenant, id), JsonSerializer.SerializeToUtf8Bytes(part))));
        part.Clear();
    }

    string? Fault(SubscriberRow row)
    {
        if (!Login.IsText(row.UserName, 253))
            return "username must be 1 to 253 octets of printable text";
        if (!Login.IsText(row.Password, 128))
            return "password must be 1 to 128 octets of printable text";
        if (!plans.ContainsKey(row.Plan))
            return row.Plan.Length <= 64 ? $"there is no plan '{row.Plan}'" : "there is no such plan";
        return names.Add(row.UserName) ? null : "the user name stands in the file twice";
    }
}

/// <summary>A row that is to be imported.</summary>
/// <param name="Number">Its number in the file; the header is 1.</param>
/// <param name="UserName">The login name.</param>
/// <param name="Password">The password.</param>
/// <param name="Plan">The plan.</param>
/// <param name="PlanVersion">The version that was the newest when the file came.</param>
readonly record struct WaitingRow(int Number, string UserName, string Password, Guid Plan, int PlanVersion)
{
    public override string ToString() => $"{Number} {UserName}";
}
