using System.Text.Json;
using IspHost.Core.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Audit;

/// <summary>What the operator did, who is above tenants. It is stored with what was done, or not at all, and is never changed.</summary>
public sealed class OperatorRecord
{
    public required Guid Id { get; init; }
    public required Instant HappenedAt { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Object { get; init; }
    public JsonDocument? Detail { get; init; }
}

sealed class OperatorRecordMapping : IEntityTypeConfiguration<OperatorRecord>
{
    public void Configure(EntityTypeBuilder<OperatorRecord> record)
    {
        record.ToTable("operator_audit");
        record.HasKey(r => r.Id);
        record.Property(r => r.Id).ValueGeneratedNever();
        record.Property(r => r.Detail).HasColumnType("jsonb");
    }
}

static class OperatorAuditTable
{
    extension(HostDb db)
    {
        public DbSet<OperatorRecord> OperatorRecords => db.Set<OperatorRecord>();

        /// <summary>Adds an entry that is saved with the change it is about.</summary>
        public void Audit(string actor, string action, string target, object? detail = null)
            => db.OperatorRecords.Add(new OperatorRecord
            {
                Id = Guid.CreateVersion7(),
                // By the real clock: test clocks are the tenants'.
                HappenedAt = SystemClock.Instance.GetCurrentInstant(),
                Actor = actor,
                Action = action,
                Object = target,
                Detail = detail is null ? null : JsonSerializer.SerializeToDocument(detail, Web.ApiJson.Options),
            });
    }
}
