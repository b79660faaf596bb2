using IspHost.Core.ApiKeys;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Secrets;
using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NodaTime;
using NodaTime.Testing;

namespace IspHost.Core.Tests.ApiKeys;

public sealed class Memory_of_keys(PostgresFixture postgres) : IAsyncLifetime
{
    static readonly Instant Noon = Instant.FromUtc(2026, 10, 14, 12, 0);

    readonly FakeClock clock = new(Noon);
    readonly FakeTimeProvider time = new();
    TestDatabase database = null!;
    ServiceProvider services = null!;
    TenantId tenant;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    ApiKeyVerifier Keys => services.GetRequiredService<ApiKeyVerifier>();

    public async ValueTask InitializeAsync()
    {
        database = await postgres.CreateAsync();
        tenant = await database.AddTenantAsync("north");
        services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<IClock>(clock)
            .AddSingleton<TimeProvider>(time)
            .AddIspHost((HostConnections)database.Database, VaultKeys.Of(new byte[32]), new([]))
            .BuildServiceProvider();
        await services.GetRequiredService<TenantDirectory>().ReloadAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Holds_a_key_for_a_second_and_not_longer()
    {
        var key = await AddAsync();
        Assert.NotNull(await Keys.FindAsync(key, Stop));
        await database.ScalarAsync<object>("update host.api_key set revoked_at = now()");

        Assert.NotNull(await Keys.FindAsync(key, Stop));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await Keys.FindAsync(key, Stop));
    }

    [Fact]
    public async Task Lets_a_key_go_the_moment_that_it_expires()
    {
        var key = await AddAsync("'2026-10-14T12:00:00.5Z'");
        Assert.NotNull(await Keys.FindAsync(key, Stop));

        clock.AdvanceMilliseconds(500);
        Assert.Null(await Keys.FindAsync(key, Stop));
    }

    [Fact]
    public async Task Notes_a_use_once_a_minute()
    {
        var key = await AddAsync();
        await Keys.FindAsync(key, Stop);
        Assert.Equal(Noon, await LastUseAsync());

        await UseAfterAsync(Duration.FromSeconds(59));
        Assert.Equal(Noon, await LastUseAsync());
        await UseAfterAsync(Duration.FromSeconds(2));
        Assert.Equal(Noon + Duration.FromSeconds(61), await LastUseAsync());

        async Task UseAfterAsync(Duration pause)
        {
            clock.Advance(pause);
            time.Advance(pause.ToTimeSpan());
            await Keys.FindAsync(key, Stop);
        }
    }

    [Fact]
    public async Task Serves_who_waits_though_another_gives_up()
    {
        var key = await AddAsync();
        using var impatient = new CancellationTokenSource();

        var (first, second) = (Keys.FindAsync(key, impatient.Token).AsTask(), Keys.FindAsync(key, Stop).AsTask());
        await impatient.CancelAsync();

        Assert.NotNull(await second);
        await Task.WhenAny(first);
    }

    async Task<string> AddAsync(string expires = "null")
    {
        var key = KeyText.New("north");
        await database.ScalarAsync<object>($$"""
            insert into host.api_key (tenant_id, prefix, hash, name, scopes, expires_at, api_version)
            values ('{{tenant}}', '{{key.Prefix}}', '\x{{Convert.ToHexString(key.Hash)}}', 'test', '{all}', {{expires}}, '2026-11-01')
            """);
        return key.Text;
    }

    async Task<Instant> LastUseAsync()
        => Instant.FromUnixTimeSeconds(
            await database.ScalarAsync<long>("select extract(epoch from last_used_at)::bigint from host.api_key"));
}
