using IspHost.Testing;

namespace IspHost.Core.Tests.Retention;

public sealed class Old_usage(PostgresFixture postgres)
{
    [Fact]
    public async Task Goes_by_whole_months_when_everybody_has_billed_it()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var (north, south) = (await archive.AddTenantAsync("north"), await archive.AddTenantAsync("south"));
        var (one, other) = (await archive.AddServiceAsync(north), await archive.AddServiceAsync(south));
        await archive.UseAsync(north, one, "2024-01-05", "2024-02-05", "2026-09-05");
        await archive.UseAsync(south, other, "2024-01-31 23:30");
        await archive.BillAsync(one, "2023-01-01", "2026-09-01");
        await archive.BillAsync(other, "2023-01-01", "2024-03-01");

        await archive.KeepHouseAsync();

        Assert.Equal(("2026-09-05", ""), (await archive.UsageOfAsync(one), await archive.UsageOfAsync(other)));
        Assert.Equal(
            (false, false, true),
            (await archive.HasMonthAsync("2024_01"), await archive.HasMonthAsync("2024_02"), await archive.HasMonthAsync("2026_09")));
        Assert.Equal(0L, await archive.ScalarAsync<long>("select forgotten from host.retention where subject = 'host.usage'"));
    }

    [Fact]
    public async Task Stays_where_it_has_not_been_billed_and_what_lies_beside_it_goes()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var (north, south) = (await archive.AddTenantAsync("north"), await archive.AddTenantAsync("south"));
        var (held, billed, free) = (
            await archive.AddServiceAsync(north), await archive.AddServiceAsync(north),
            await archive.AddServiceAsync(north, hasUsagePrice: false));
        var other = await archive.AddServiceAsync(south);
        await archive.UseAsync(north, held, "2024-01-05", "2024-01-25");
        await archive.UseAsync(north, billed, "2024-01-05");
        await archive.UseAsync(north, free, "2024-01-05");
        await archive.UseAsync(south, other, "2024-01-05");
        await archive.BillAsync(held, "2023-01-01", "2024-01-15");
        await archive.BillAsync(billed, "2023-01-01", "2026-09-01");
        await archive.BillAsync(other, "2023-01-01", "2026-09-01");

        await archive.KeepHouseAsync();

        Assert.Equal("2024-01-05 2024-01-25", await archive.UsageOfAsync(held));
        Assert.Equal(
            ("", "", ""),
            (await archive.UsageOfAsync(billed), await archive.UsageOfAsync(free), await archive.UsageOfAsync(other)));

        await archive.BillAsync(held, "2024-01-15", "2026-09-01");
        await archive.KeepHouseAsync();

        Assert.False(await archive.HasMonthAsync("2024_01"));
    }

    [Fact]
    public async Task Stays_as_long_as_nobody_says_that_it_was_billed()
    {
        await using var archive = await Archive.OpenAsync(postgres, bills: false);
        var north = await archive.AddTenantAsync("north");
        var service = await archive.AddServiceAsync(north);
        await archive.UseAsync(north, service, "2024-01-05");

        await archive.KeepHouseAsync();

        Assert.Equal("2024-01-05", await archive.UsageOfAsync(service));
    }

    [Fact]
    public async Task Goes_earlier_for_a_tenant_that_wants_that()
    {
        await using var archive = await Archive.OpenAsync(postgres);
        var (north, south) = (await archive.AddTenantAsync("north"), await archive.AddTenantAsync("south"));
        var (one, other) = (await archive.AddServiceAsync(north), await archive.AddServiceAsync(south));
        foreach (var (tenant, service) in new[] { (north, one), (south, other) })
        {
            await archive.UseAsync(tenant, service, "2025-06-05", "2025-08-05");
            await archive.BillAsync(service, "2023-01-01", "2026-10-01");
        }
        await archive.RunAsync($"insert into host.tenant_retention values ('{north}', 'host.usage', 460)");

        await archive.KeepHouseAsync();

        Assert.Equal(
            ("2025-08-05", "2025-06-05 2025-08-05"), (await archive.UsageOfAsync(one), await archive.UsageOfAsync(other)));
    }
}
