using System.Security.Cryptography;
using System.Text;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>A key of a tenant. Only the hash of its text is stored.</summary>
public sealed class ApiKey
{
    public TenantId TenantId { get; init; }
    public required string Prefix { get; init; }
    public required byte[] Hash { get; init; }
    public required string Name { get; init; }

    /// <summary>What it may do: see <see cref="Web.Scopes"/>.</summary>
    public required string[] Scopes { get; init; }

    public required Instant CreatedAt { get; init; }
    public Instant? ExpiresAt { get; init; }
    public Instant? LastUsedAt { get; init; }
    public Instant? RevokedAt { get; set; }

    /// <summary>The version of the API that it asks for where a request names none.</summary>
    public required LocalDate ApiVersion { get; set; }
}

/// <summary>A key of the operator, who is above tenants.</summary>
public sealed class OperatorKey
{
    public required string Prefix { get; init; }
    public required byte[] Hash { get; init; }
    public required string Name { get; init; }

    /// <summary>What it may do: see <see cref="Web.Scopes"/>.</summary>
    public required string[] Scopes { get; init; }

    public required Instant CreatedAt { get; init; }
    public Instant? ExpiresAt { get; init; }
    public Instant? LastUsedAt { get; init; }
    public Instant? RevokedAt { get; set; }

    /// <summary>The version of the API that it asks for where a request names none.</summary>
    public required LocalDate ApiVersion { get; set; }
}

/// <summary>The text of a key: <c>isp_TENANT_PREFIX_SECRET</c>, with <c>-</c> as tenant for the operator's.</summary>
/// <remarks>
/// It names its tenant, so that it can be looked up under row-level security; the prefix is public and names the key in the
/// audit; the secret has 256 random bits, so a plain SHA-256 is enough to store.
/// </remarks>
readonly record struct KeyText(string Tenant, string Prefix, string Secret)
{
    public const string Operator = "-";

    const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The whole of it, for its owner.</summary>
    public string Text => $"isp_{Tenant}_{Prefix}_{Secret}";

    public byte[] Hash => SHA256.HashData(Encoding.ASCII.GetBytes(Text));

    public static KeyText New(string tenant)
        => new(tenant, RandomNumberGenerator.GetString(Alphabet, 8), RandomNumberGenerator.GetString(Alphabet, 43));

    public static bool TryParse(string text, out KeyText key)
    {
        var parts = text.Split('_');
        var valid = text.Length <= 128 && parts is ["isp", { Length: > 0 }, { Length: 8 }, { Length: 43 }];
        key = valid ? new KeyText(parts[1], parts[2], parts[3]) : default;
        return valid;
    }

    public override string ToString() => $"isp_{Tenant}_{Prefix}";
}

sealed class ApiKeyMapping : IEntityTypeConfiguration<ApiKey>
{
    public void Configure(EntityTypeBuilder<ApiKey> key)
    {
        key.ToTable("api_key");
        key.HasKey(k => new { k.TenantId, k.Prefix });
    }
}

sealed class OperatorKeyMapping : IEntityTypeConfiguration<OperatorKey>
{
    public void Configure(EntityTypeBuilder<OperatorKey> key)
    {
        key.ToTable("operator_key");
        key.HasKey(k => k.Prefix);
    }
}

static class ApiKeyTables
{
    extension(IspDb db) { public DbSet<ApiKey> ApiKeys => db.Set<ApiKey>(); }
    extension(HostDb db) { public DbSet<OperatorKey> OperatorKeys => db.Set<OperatorKey>(); }
}
