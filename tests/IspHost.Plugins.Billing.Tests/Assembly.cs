using IspHost.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
