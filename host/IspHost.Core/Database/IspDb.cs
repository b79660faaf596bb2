using IspHost.Sdk.Data;
using Microsoft.EntityFrameworkCore;

namespace IspHost.Core.Database;

/// <summary>The platform's tables, as one tenant sees them. Each feature adds its own mappings, and this names none of them.</summary>
public sealed class IspDb(DbContextOptions<IspDb> options) : TenantDb(options)
{
    /// <inheritdoc/>
    protected override string Schema => "host";

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        configurationBuilder.Conventions.Add(_ => new EnumsAsText());
    }
}
