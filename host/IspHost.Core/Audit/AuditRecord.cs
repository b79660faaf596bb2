using System.Text.Json;
using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Audit;

/// <summary>Who did what. It is stored with what was done, or not at all, and is never changed.</summary>
public sealed class AuditRecord
{
    public TenantId TenantId { get; init; }
    public required Guid Id { get; init; }
    public required Instant HappenedAt { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Object { get; init; }
    public JsonDocument? Detail { get; init; }
}

sealed class AuditMapping : IEntityTypeConfiguration<AuditRecord>
{
    public void Configure(EntityTypeBuilder<AuditRecord> record)
    {
        record.ToTable("audit");
        record.HasKey(r => new { r.TenantId, r.Id });
        record.Property(r => r.Id).ValueGeneratedNever();
        record.Property(r => r.Detail).HasColumnType("jsonb");
    }
}

static class AuditTable
{
    extension(IspDb db)
    {
        public DbSet<AuditRecord> AuditRecords => db.Set<AuditRecord>();

        /// <summary>Adds an entry that is saved with the change it is about.</summary>
        public void Audit(Caller caller, string action, string target, object? detail = null)
            => db.AuditRecords.Add(new AuditRecord
            {
                Id = Guid.CreateVersion7(),
                HappenedAt = caller.Now,
                Actor = caller.Actor,
                Action = action,
                Object = target,
                Detail = detail is null ? null : JsonSerializer.SerializeToDocument(detail, Web.ApiJson.Options),
            });
    }
}

/// <summary>Who acts, for whom, and what time it is for them.</summary>
/// <param name="Tenant">For whom.</param>
/// <param name="Actor">Who, as the audit names them.</param>
/// <param name="Now">The tenant's time.</param>
public sealed record Caller(TenantId Tenant, string Actor, Instant Now);
