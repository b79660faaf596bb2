using IspHost.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]
[assembly: TestCollectionOrderer(typeof(LongestFirst))]
