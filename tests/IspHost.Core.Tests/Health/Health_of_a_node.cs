using IspHost.Core.Database;
using IspHost.Core.Health;
using IspHost.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace IspHost.Core.Tests.Health;

public sealed class Health_of_a_node(PostgresFixture postgres)
{
    readonly FakeTimeProvider time = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_bad_while_the_database_refuses_and_good_again_when_it_is_back()
    {
        await using var database = await postgres.CreateAsync();
        var check = new DatabaseHealth((HostConnections)database.Database);
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);

        var name = await database.ScalarAsync<string>("select current_database()");
        await postgres.RunAsync($"alter database {name} allow_connections false");
        await postgres.RunAsync($"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'");
        Assert.Equal(HealthStatus.Unhealthy, (await AskAsync(check)).Status);

        await postgres.RunAsync($"alter database {name} allow_connections true");
        Assert.Equal(HealthStatus.Healthy, (await AskAsync(check)).Status);
    }

    [Fact]
    public async Task Is_bad_if_the_database_lacks_a_script()
    {
        await using var database = await postgres.CreateAsync();
        await database.ScalarAsync<object>("delete from host.migration where number = 4");
        var check = new DatabaseHealth((HostConnections)database.Database);

        var result = await AskAsync(check);

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.StartsWith("lacks 0004-work.sql", result.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_told_in_time_though_a_check_hangs_and_that_check_is_not_asked_again()
    {
        var check = new Given(new TaskCompletionSource<HealthCheckResult>().Task);
        var prompt = new Prompt<Given>(check, time);
        var context = new HealthCheckContext { Registration = new("given", prompt, HealthStatus.Degraded, []) };

        for (var i = 0; i < 2; i++)
        {
            var answer = prompt.CheckHealthAsync(context, Stop);
            time.Advance(TimeSpan.FromSeconds(1.5));
            Assert.Equal((HealthStatus.Degraded, "does not answer"), ((await answer).Status, (await answer).Description));
        }

        Assert.Equal(1, check.Asked);
    }

    [Fact]
    public async Task Is_degraded_and_no_worse_by_a_trouble_check_that_throws()
    {
        var report = await Of(new Given(Task.FromException<HealthCheckResult>(new InvalidOperationException()))).ReadAsync(Stop);

        Assert.Equal(HealthStatus.Degraded, report.Status);
    }

    [Fact]
    public async Task Is_looked_at_once_a_second_however_many_ask()
    {
        var check = new Given(Task.FromResult(HealthCheckResult.Healthy()));
        var health = Of(check);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => health.ReadAsync(Stop)));
        Assert.Equal(1, check.Asked);

        time.Advance(TimeSpan.FromSeconds(1));
        await health.ReadAsync(Stop);
        Assert.Equal(2, check.Asked);
    }

    Readiness Of(Given check)
        => new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(time)
            .AddSingleton<Readiness>()
            .AddSingleton(check)
            .AddTroubleCheck<Given>("given")
            .BuildServiceProvider()
            .GetRequiredService<Readiness>();

    static Task<HealthCheckResult> AskAsync(DatabaseHealth check) => check.CheckHealthAsync(new HealthCheckContext(), Stop);

    sealed class Given(Task<HealthCheckResult> answer) : IHealthCheck
    {
        public int Asked { get; private set; }

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
        {
            Asked++;
            return answer;
        }
    }
}
