using IspHost.Core.Database;
using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Database;

public sealed class Database_start(PostgresFixture postgres)
{
    [Fact]
    public async Task Two_nodes_that_start_at_once_on_an_empty_database_both_succeed()
    {
        var owner = await postgres.CreateEmptyAsync();

        var nodes = await Task.WhenAll(
            HostConnections.OpenAsync(owner, TestContext.Current.CancellationToken),
            HostConnections.OpenAsync(owner, TestContext.Current.CancellationToken));

        foreach (var node in nodes)
        {
            await using var command = node.Connections.CreateCommand("select count(*) from host.tenant");
            Assert.Equal(0L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
            await node.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("bypassrls in role isphost_app", "has BYPASSRLS")]
    [InlineData("", "is not a member of isphost_app")]
    public async Task A_role_that_row_level_security_does_not_bind_is_refused(string attributes, string reason)
    {
        await using var test = await postgres.CreateAsync();
        var role = $"role_{Guid.NewGuid():N}";
        await test.ScalarAsync<int>($"create role {role} login password 'secret' {attributes}");

        var refused = await Assert.ThrowsAsync<DatabaseStartException>(() => OpenAsAsync(test, role));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_owns_a_table_of_tenants_is_refused()
    {
        await using var test = await postgres.CreateAsync();
        var role = $"role_{Guid.NewGuid():N}";
        await test.ScalarAsync<int>(
            $"create role {role} login password 'secret' in role isphost_app; alter table host.audit owner to {role}");

        var refused = await Assert.ThrowsAsync<DatabaseStartException>(() => OpenAsAsync(test, role));

        Assert.Contains("owns tables of tenants", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_member_of_the_application_role_is_taken()
    {
        await using var test = await postgres.CreateAsync();
        var role = $"role_{Guid.NewGuid():N}";
        await test.ScalarAsync<int>($"create role {role} login password 'secret' in role isphost_app");

        await using var connections = await OpenAsAsync(test, role);

        Assert.Null(connections.Owner);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=x;Timeout=2", "127.0.0.1:1")]
    [InlineData("Hots=127.0.0.1", "cannot be read")]
    public async Task A_connection_string_that_leads_nowhere_gives_one_clear_line(string connectionString, string part)
    {
        var refused = await Assert.ThrowsAsync<DatabaseStartException>(
            () => HostConnections.OpenAsync(connectionString, TestContext.Current.CancellationToken));

        Assert.Contains(part, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    static Task<HostConnections> OpenAsAsync(TestDatabase test, string role)
        => HostConnections.OpenAsync(
            new NpgsqlConnectionStringBuilder(test.OwnerConnection) { Username = role, Password = "secret" }.ConnectionString,
            TestContext.Current.CancellationToken);
}
