using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Plugins.Radius;

/// <summary>The schema <c>radius</c>. Its tables are written in batches of arrays, so they are reached by SQL and mapped nowhere.</summary>
sealed class RadiusDb(DbContextOptions<RadiusDb> options) : TenantDb(options)
{
    public const string SchemaName = "radius";

    protected override string Schema => SchemaName;
}
