using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Database;

/// <summary>Makes contexts that use the connections of the present lane.</summary>
sealed class HostDbs(IDatabase database) : IDbContextFactory<HostDb>
{
    readonly DbContextOptions<HostDb> options = new DbContextOptionsBuilder<HostDb>()
        .UseNpgsql(npgsql => npgsql.UseNodaTime())
        .UseSnakeCaseNamingConvention()
        .Options;

    public HostDb CreateDbContext()
    {
        var db = new HostDb(options);
        db.Database.SetDbConnection(database.Connections.CreateConnection(), contextOwnsConnection: true);
        return db;
    }
}
