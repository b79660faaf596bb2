using Npgsql;

namespace IspHost.Core.Cluster;

/// <summary>Orleans' own connections.</summary>
sealed class ClusterDatabase(string connectionString) : IAsyncDisposable
{
    public const string Invariant = "Npgsql";

    public NpgsqlDataSource Connections { get; } = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
    {
        SearchPath = "orleans",
        MaxPoolSize = 4,
        ApplicationName = "isphost cluster",
    });

    public ValueTask DisposeAsync() => Connections.DisposeAsync();
}
