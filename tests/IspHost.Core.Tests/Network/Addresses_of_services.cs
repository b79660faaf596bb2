using System.Net;
using IspHost.Core.Network;
using IspHost.Core.Subscriptions;
using IspHost.Core.Tests.Subscribers;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Testing;

namespace IspHost.Core.Tests.Network;

public sealed class Addresses_of_services(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Are_one_of_each_kind_and_the_same_again()
    {
        await using var shop = await WithPoolAsync(
            ("100.64.0.0/24", "v4", 32), ("2001:db8::/40", "v6", 64), ("2001:db8:8000::/36", "delegated", 56));
        var services = await AddAsync(shop, 2);

        var first = await AssignAsync(shop, services[0]);
        var second = await AssignAsync(shop, services[1]);

        Assert.Equal(Of("100.64.0.1", "2001:db8::/64", "2001:db8:8000::/56"), first);
        Assert.Equal(Of("100.64.0.2", "2001:db8:0:1::/64", "2001:db8:8000:100::/56"), second);
        Assert.Equal(first, await AssignAsync(shop, services[0]));
    }

    [Fact]
    public async Task Of_a_pool_are_each_given_once_however_many_ask_at_once_and_then_there_are_none()
    {
        await using var shop = await WithPoolAsync(("100.64.0.0/25", "v4", 32), ("100.64.1.0/30", "v4", 32));
        var services = await AddAsync(shop, 140);

        var given = await Task.WhenAll(services.Select(service => AssignAsync(shop, service)));

        Assert.Equal(128, given.OfType<AddressAssignment>().Select(assigned => assigned.V4).Distinct().Count());
        Assert.Equal(12, given.Count(assigned => assigned is null));
        var ends = (string[])["100.64.0.0", "100.64.0.127", "100.64.1.0", "100.64.1.3"];
        Assert.DoesNotContain(given, assigned => assigned is { V4: { } address } && ends.Contains(address.ToString()));
    }

    [Fact]
    public async Task Of_an_ended_service_rest_before_another_gets_them()
    {
        await using var shop = await WithPoolAsync(("100.64.0.0/32", "v4", 32));
        var services = await AddAsync(shop, 2);
        var assigned = await AssignAsync(shop, services[0]);
        await shop.HearOfAllAsync();

        await shop.DoAsync(services[0], new SubscriptionCommand.Terminate());
        Assert.Null(await AssignAsync(shop, services[1]));
        await shop.RunAsync("update host.free_piece set free_at = now() - interval '1 second'");

        Assert.Equal(assigned, await AssignAsync(shop, services[1]));
    }

    [Fact]
    public async Task Are_not_given_of_one_kind_when_another_is_used_up()
    {
        await using var shop = await WithPoolAsync(("100.64.0.0/30", "v4", 32), ("2001:db8::/64", "v6", 64));
        var services = await AddAsync(shop, 2);
        await AssignAsync(shop, services[0]);

        Assert.Null(await AssignAsync(shop, services[1]));

        Assert.Equal(1L, await shop.Database.ScalarAsync<long>("select count(*) from host.address_assignment where kind = 'v4'"));
        Assert.Equal(1L, await shop.Database.ScalarAsync<long>("select count(*) from host.free_piece where kind = 'v4'"));
    }

    [Fact]
    public async Task Are_none_for_a_service_that_has_ended()
    {
        await using var shop = await WithPoolAsync(("100.64.0.0/30", "v4", 32));
        var services = await AddAsync(shop, 1);
        await shop.HearOfAllAsync();
        await shop.DoAsync(services[0], new SubscriptionCommand.Terminate());

        Assert.Null(await AssignAsync(shop, services[0]));
    }

    static Task<AddressAssignment?> AssignAsync(Shop shop, SubscriptionId service)
        => shop.Addresses.AssignAsync(shop.Tenant, service, "home", Stop);

    async Task<Shop> WithPoolAsync(params (string Prefix, string Kind, int Length)[] prefixes)
    {
        var shop = await Shop.OpenAsync(postgres);
        await shop.RunAsync($"insert into host.address_pool (tenant_id, name) values ('{shop.Tenant}', 'home')");
        foreach (var (prefix, kind, length) in prefixes)
        {
            var cut = PoolPrefix.Cut("home", IPNetwork.Parse(prefix), Enum.Parse<AddressKind>(kind, ignoreCase: true), length).Prefix!;
            await shop.RunAsync($"""
                insert into host.pool_prefix (tenant_id, id, pool, prefix, kind, piece_length, pieces, next_piece)
                values ('{shop.Tenant}', '{cut.Id}', 'home', '{prefix}', '{kind}', {length}, {cut.Pieces}, {cut.NextPiece})
                """);
        }
        return shop;
    }

    static async Task<List<SubscriptionId>> AddAsync(Shop shop, int count)
    {
        var services = new List<SubscriptionId>();
        for (var i = 0; i < count; i++)
            services.Add(await shop.AddServiceAsync($"u{i}", ("slow", "2026-01-01", null)));
        return services;
    }

    static AddressAssignment Of(string v4, string v6, string delegated) => new()
    {
        V4 = IPAddress.Parse(v4),
        V6 = IPNetwork.Parse(v6),
        Delegated = IPNetwork.Parse(delegated),
    };
}
