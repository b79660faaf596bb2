using IspHost.Core.Database;
using IspHost.Core.Pricing;
using IspHost.Core.Tests.Web;
using IspHost.Scripting;
using IspHost.Sdk;
using IspHost.Sdk.Rating;
using IspHost.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Tests.Pricing;

public sealed class Scripts_of_a_tenant(PostgresFixture postgres)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>It breaks a rule that came after it. Its tenant's usage is held, and the rule goes on for everybody.</summary>
    [Fact]
    public async Task A_revision_that_newer_rules_refuse_fails_its_items_and_nothing_else()
    {
        await using var database = await postgres.CreateAsync();
        await using var scripts = new PriceScripts(new ScriptOptions { Workers = 1, Without = ScriptLayers.LackingHere });
        var rating = new ScriptRating(database.Of<IspDb>(options => new IspDb(options)), scripts);
        var (old, other) = (await database.AddTenantAsync("old"), await database.AddTenantAsync("other"));
        await AddAsync(database, old, "return Environment.ProcessId;");
        await AddAsync(database, other, "return Quantity * Rate;");

        var refused = await rating.RateAsync(Batch(old, "return Environment.ProcessId;"), Stop);
        var rated = await rating.RateAsync(Batch(other, "return Quantity * Rate;"), Stop);

        Assert.Equal("outdated_script", Assert.IsType<RatingOutcome.Failed>(Assert.Single(refused)).Code);
        Assert.Equal(25.00m, Assert.IsType<RatingOutcome.Rated>(Assert.Single(rated)).Charge.Amount);
    }

    [Theory]
    [InlineData("return 2m;", 201, "2")]
    [InlineData("return 1m;", 409, "The tenant has a price script with this very source already.")]
    public async Task That_come_under_one_name_at_one_moment_are_two_revisions_or_one_source(string source, int status, string says)
    {
        var settings = new Dictionary<string, string?> { ["PriceScripts:Without"] = string.Join(',', ScriptLayers.LackingHere) };
        await using var api = await Api.StartAsync(postgres, settings: settings);
        await using var other = await api.BeginAsync($"""
            insert into host.price_script (tenant_id, hash, name, revision, source, image, compiler)
            values ('{api.Id}', encode(sha256('return 1m;'), 'hex'), 'fair-use', 1, 'return 1m;', '', '')
            """);
        var adding = Api.PostAsync(api.Tenant, "price-scripts", $$"""{ "name": "fair-use", "source": "{{source}}" }""");
        await api.UntilWaitingAsync(1);
        await other.CommitAsync(Stop);

        var answer = await adding;

        Assert.Equal(status, answer.Status);
        Assert.Equal(says, answer.Read().GetProperty(status == 201 ? "revision" : "detail").ToString());
    }

    [Fact]
    public void A_tenant_beyond_its_share_of_checks_is_asked_to_come_back()
    {
        var response = new DefaultHttpContext().Response;

        var problem = ScriptEndpoints.NotNow(new ScriptVerdict.OverShare(TimeSpan.FromSeconds(3.5)), response);

        Assert.Equal((429, "/problems/over-share"), (problem!.StatusCode, problem.ProblemDetails.Type));
        Assert.Equal("4", response.Headers.RetryAfter);
    }

    [Fact]
    public void What_the_machine_could_not_do_is_no_fault_of_the_script()
    {
        var response = new DefaultHttpContext().Response;

        var problem = ScriptEndpoints.NotNow(new ScriptVerdict.Later("The machine was too busy."), response);

        Assert.Equal((503, "The machine was too busy."), (problem!.StatusCode, problem.ProblemDetails.Detail));
        Assert.Equal("5", response.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_node_that_cannot_run_scripts_says_so_in_its_health()
    {
        Assert.SkipUnless(File.Exists("/bin/true"), "There is no program to take for a worker.");
        var options = new ScriptOptions { Workers = 1, WorkerPath = "/bin/true", Without = ScriptLayers.LackingHere };
        await using var scripts = new PriceScripts(options);

        await Assert.ThrowsAsync<ScriptsUnavailableException>(scripts.StartAsync);

        var health = await new ScriptHealth(scripts).CheckHealthAsync(new HealthCheckContext(), Stop);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.StartsWith("The worker for price scripts did not start", health.Description, StringComparison.Ordinal);
    }

    static RatingBatch Batch(TenantId tenant, string source)
        => new() { Tenant = tenant, RuleHash = ScriptImage.HashOf(source), Items = [SampleItem.Value] };

    static Task<object?> AddAsync(TestDatabase database, TenantId tenant, string source) => database.ScalarAsync<object>($"""
        insert into host.price_script (tenant_id, hash, name, revision, source, image, compiler, created_at)
        values ('{tenant}', '{ScriptImage.HashOf(source)}', 'old-rule', 1, '{source}', '\x00', 'older', now())
        """);
}
