using System.Reflection;
using System.Text.Json;
using IspHost.PluginRuntime;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Server.Tests;

/// <summary>A real plugin in a real server, which tries by SQL what is not its own.</summary>
[Collection<TwoProvidersOnOneServer>]
public sealed class A_plugin_that_snoops(TwoProviders providers) : IAsyncLifetime
{
    static readonly string Folder = typeof(A_plugin_that_snoops).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(named => named.Key == "Snoops").Value!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    PluginHost Plugins => providers.Server.Services.GetRequiredService<PluginHost>();

    public async ValueTask InitializeAsync() => await Plugins.LoadAsync(Folder, Stop);

    public async ValueTask DisposeAsync() => await Plugins.RemoveAsync("snoops", CancellationToken.None);

    [Fact]
    public async Task Writes_and_sees_its_own_rows_of_the_tenant_that_it_works_for()
    {
        foreach (var provider in providers.All)
            await TryAsync(provider, "insert into snoops.note select host.this_tenant(), n, 'a note' from generate_series(1, 3) n");

        foreach (var provider in providers.All)
            Assert.Equal((3, ""), await TryAsync(provider, "select from snoops.note"));
        Assert.Equal((0, "42501"), await TryAsync(
            providers.All[0], $"insert into snoops.note values ('{providers.Theirs}', 9, 'a note of another')"));
    }

    [Theory]
    [InlineData("select from host.customer")]
    [InlineData("select password from host.subscription")]
    [InlineData("select from host.usage")]
    [InlineData("select from host.plugin_role")]
    [InlineData("select from billing.invoice")]
    [InlineData("select from radius.session")]
    [InlineData("select from orleans.silo")]
    [InlineData("insert into host.outbox (tenant_id) values (null)")]
    [InlineData("delete from host.audit")]
    [InlineData("set role isphost_app")]
    [InlineData("alter table snoops.note disable row level security")]
    [InlineData("select pg_read_file('/etc/hostname')")]
    public async Task Is_refused_what_is_the_hosts_or_anothers(string statement)
        => Assert.Equal((0, "42501"), await TryAsync(providers.All[0], statement));

    async Task<(int Rows, string Refusal)> TryAsync(Provider provider, string statement)
    {
        var outcome = await providers.Server.Operator.PostAsync<JsonElement>("attempts", provider.Code, new { statement }, Stop);
        return (outcome.GetProperty("rows").GetInt32(), outcome.GetProperty("refusal").GetString()!);
    }
}
