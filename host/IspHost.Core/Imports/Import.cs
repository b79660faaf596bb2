using IspHost.Core.Database;
using IspHost.Sdk;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NodaTime;

namespace IspHost.Core.Imports;

/// <summary>A file that was taken to be imported. Its rows wait in <c>host.import_part</c>.</summary>
sealed class Import
{
    public TenantId TenantId { get; init; }
    public required Guid Id { get; init; }
    public required ImportState State { get; init; }

    /// <summary>Who sent it, for the audit.</summary>
    public required string Actor { get; init; }

    /// <summary>Of all its services, however long it takes.</summary>
    public required LocalDate FirstDay { get; init; }

    public required int Rows { get; init; }
    public int Imported { get; init; }
    public int Refused { get; init; }

    /// <summary>What went wrong at last, until it goes on.</summary>
    public string? Error { get; init; }

    public Instant StartedAt { get; init; }
    public Instant? FinishedAt { get; init; }
}

/// <summary>How far an import is.</summary>
public enum ImportState
{
    /// <summary>Rows wait to be imported.</summary>
    Running,

    /// <summary>All rows were imported or refused.</summary>
    Done,

    /// <summary>Somebody ended it. What was imported until then stays.</summary>
    Cancelled,
}

/// <summary>A row that was not imported.</summary>
sealed class ImportRefusal
{
    public TenantId TenantId { get; init; }
    public required Guid ImportId { get; init; }

    /// <summary>Its number in the file; the header is 1.</summary>
    public required int Row { get; init; }

    public required string Reason { get; init; }
}

sealed class ImportMapping : IEntityTypeConfiguration<Import>
{
    public void Configure(EntityTypeBuilder<Import> import)
    {
        import.ToTable("import");
        import.HasKey(i => new { i.TenantId, i.Id });
        import.Property(i => i.Id).ValueGeneratedNever();
    }
}

sealed class ImportRefusalMapping : IEntityTypeConfiguration<ImportRefusal>
{
    public void Configure(EntityTypeBuilder<ImportRefusal> refusal)
    {
        refusal.ToTable("import_refusal");
        refusal.HasKey(r => new { r.TenantId, r.ImportId, r.Row });
        refusal.Property(r => r.Row).ValueGeneratedNever();
    }
}

static class ImportTables
{
    extension(IspDb db)
    {
        public DbSet<Import> Imports => db.Set<Import>();

        public DbSet<ImportRefusal> ImportRefusals => db.Set<ImportRefusal>();
    }
}
