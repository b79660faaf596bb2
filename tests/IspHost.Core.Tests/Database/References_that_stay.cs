using IspHost.Testing;
using Npgsql;

namespace IspHost.Core.Tests.Database;

/// <summary><c>host.refer</c>: what it refuses is what a foreign key would, and more, since it locks nothing.</summary>
public sealed class References_that_stay(PostgresFixture postgres)
{
    const string Tables = """
        create schema books;
        grant usage on schema books to isphost_app;
        create table books.shelf (tenant_id uuid not null, id int, colour text not null, note text, primary key (tenant_id, id));
        create table books.book (
          tenant_id uuid not null, id int, shelf int, colour text, sequel_of int, title text, primary key (tenant_id, id));
        select host.protect('books.shelf'), host.protect('books.book');
        grant select, insert, update, delete on books.shelf, books.book to isphost_app
        """;

    const string References = """
        select host.refer('books.book', '{tenant_id,shelf,colour}', 'books.shelf', '{tenant_id,id,colour}');
        select host.refer('books.book', '{tenant_id,sequel_of}', 'books.book', '{tenant_id,id}')
        """;

    [Fact]
    public async Task A_row_may_refer_to_what_is_there_to_a_row_of_its_own_statement_and_to_nothing()
    {
        await using var books = await OpenAsync();

        await books.AsTenantAsync($"""
            insert into books.book values ('{books.Tenant}', 2, 1, 'red', 1, 'Second'), ('{books.Tenant}', 1, 1, 'red', null, 'First'),
              ('{books.Tenant}', 3, null, null, null, 'Nowhere')
            """);

        Assert.Equal(3, await books.Test.ScalarAsync<long>("select count(*) from books.book"));
    }

    [Theory]
    [InlineData("2, 'red', null", "book_tenant_id_shelf_colour_fkey")]
    [InlineData("1, 'blue', null", "book_tenant_id_shelf_colour_fkey")]
    [InlineData("1, 'red', 777", "book_tenant_id_sequel_of_fkey")]
    public async Task One_bad_row_among_good_ones_is_refused_with_the_name_of_its_reference(string refers, string constraint)
    {
        await using var books = await OpenAsync();

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => books.AsTenantAsync($"""
            insert into books.book select '{books.Tenant}'::uuid, n, 1, 'red', null::int, 'good' from generate_series(1, 100) n
            union all select '{books.Tenant}', 101, {refers}, 'bad'
            """));

        Assert.Equal((PostgresErrorCodes.ForeignKeyViolation, constraint), (refusal.SqlState, refusal.ConstraintName));
        Assert.Equal(0, await books.Test.ScalarAsync<long>("select count(*) from books.book"));
    }

    [Fact]
    public async Task Rows_that_are_copied_are_looked_at_too()
    {
        await using var books = await OpenAsync();
        await using var connection = new NpgsqlConnection(books.Test.OwnerConnection);
        await connection.OpenAsync(TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<PostgresException>(async () =>
        {
            await using var copy = await connection.BeginTextImportAsync(
                "copy books.book from stdin", TestContext.Current.CancellationToken);
            await copy.WriteAsync($"{books.Tenant}\t1\t9\tred\t\\N\tNowhere\n");
        });

        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, refusal.SqlState);
    }

    [Theory]
    [InlineData("delete from books.shelf")]
    [InlineData("update books.shelf set id = 5")]
    [InlineData("update books.shelf set colour = 'blue'")]
    [InlineData("update books.book set shelf = 5")]
    [InlineData("insert into books.book select tenant_id, 1, 1 from books.shelf on conflict (tenant_id, id) do update set shelf = 2")]
    public async Task What_is_referred_to_and_what_refers_can_be_changed_by_nobody_not_even_the_owner(string statement)
    {
        await using var books = await OpenAsync();
        await books.AsTenantAsync($"insert into books.book values ('{books.Tenant}', 1, 1, 'red')");

        var byTenant = await Assert.ThrowsAsync<PostgresException>(() => books.AsTenantAsync(statement));
        var byOwner = await Assert.ThrowsAsync<PostgresException>(() => books.Test.ScalarAsync<int>(statement));

        Assert.Equal(
            (PostgresErrorCodes.RestrictViolation, PostgresErrorCodes.RestrictViolation), (byTenant.SqlState, byOwner.SqlState));
    }

    [Fact]
    public async Task All_else_of_the_rows_may_change_and_what_nothing_refers_to_may_go()
    {
        await using var books = await OpenAsync(references: References.Split(';')[0]);
        await books.AsTenantAsync($"insert into books.book values ('{books.Tenant}', 1, 1, 'red')");

        await books.AsTenantAsync("update books.shelf set note = 'dusty'; update books.book set title = 'Named'; delete from books.book");

        Assert.Equal("dusty", await books.Test.ScalarAsync<string>("select note from books.shelf"));
    }

    [Fact]
    public async Task It_cannot_be_made_where_the_keys_are_not_unique_or_a_row_refers_to_nothing()
    {
        await using var books = await OpenAsync(references: "select 1");
        var vague = await Assert.ThrowsAsync<PostgresException>(() => books.Test.ScalarAsync<int>(
            "select host.refer('books.book', '{tenant_id,colour}', 'books.shelf', '{tenant_id,colour}')"));
        await books.AsTenantAsync($"insert into books.book values ('{books.Tenant}', 1, 7, 'red')");
        var dangling = await Assert.ThrowsAsync<PostgresException>(() => books.Test.ScalarAsync<int>(References.Split(';')[0]));

        Assert.Equal(
            (PostgresErrorCodes.InvalidForeignKey, PostgresErrorCodes.ForeignKeyViolation), (vague.SqlState, dangling.SqlState));
    }

    [Fact]
    public async Task It_can_be_made_over_rows_that_are_there()
    {
        await using var books = await OpenAsync(references: "select 1");
        await books.AsTenantAsync($"insert into books.book values ('{books.Tenant}', 1, 1, 'red'), ('{books.Tenant}', 2, null, null)");

        await books.Test.ScalarAsync<int>(References);

        await Assert.ThrowsAsync<PostgresException>(() => books.AsTenantAsync("delete from books.shelf"));
    }

    [Fact]
    public async Task The_application_cannot_make_one()
    {
        await using var books = await OpenAsync(references: "select 1");

        var refusal = await Assert.ThrowsAsync<PostgresException>(() => books.AsTenantAsync(References));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    /// <summary>With one shelf: the tenant's first, which is red.</summary>
    async Task<Books> OpenAsync(string references = References)
    {
        var test = await postgres.CreateAsync();
        await test.ScalarAsync<int>($"{Tables};{references}");
        var books = new Books(test, (await test.AddTenantAsync("acme")).Value);
        await books.AsTenantAsync($"insert into books.shelf values ('{books.Tenant}', 1, 'red')");
        return books;
    }

    sealed record Books(TestDatabase Test, Guid Tenant) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Test.DisposeAsync();

        public async Task AsTenantAsync(string statement)
        {
            await using var command = Test.Database.Connections.CreateCommand(
                $"select set_config('app.tenant', '{Tenant}', true); {statement}");
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }
}
