using IspHost.Core.Tenants;
using IspHost.Sdk;
using IspHost.Sdk.Flags;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.FeatureFlags;

/// <summary>What flags answer, for the operator.</summary>
static class FlagAnswers
{
    public static async Task<Results<Ok<FlagState>, NotFound>> Evaluate(
        string name, string tenant, TenantDirectory tenants, IFlags flags, CancellationToken stop)
        => tenants.Find(tenant) is { } known
            ? TypedResults.Ok(new FlagState(name, tenant, await flags.IsOnAsync(name, FlagSubject.Of(known.Id), stop)))
            : TypedResults.NotFound();

    public static async Task<Results<Ok<FlagExplanation>, NotFound, ProblemHttpResult>> Explain(
        string name, [Code(32)] string tenant, FlagDefinitions definitions, TenantDirectory tenants, CustomerGroups customers, Flags flags,
        CancellationToken stop, CustomerId? customer = null)
    {
        if (definitions.Find(name) is not { } flag)
            return TypedResults.NotFound();
        if (tenants.Find(tenant) is not { } known)
            return Problems.Field("tenant", "the code of a tenant that is there");
        var subject = customer is { } one ? await customers.FindAsync(known.Id, one, stop) : FlagSubject.Of(known.Id);
        return subject is null
            ? Problems.Field("customer", "a customer of the tenant")
            : TypedResults.Ok(await flags.ExplainAsync(flag, subject, stop));
    }
}

/// <summary>Whether a tenant has a feature.</summary>
/// <param name="Name">The flag.</param>
/// <param name="Tenant">The tenant's code.</param>
/// <param name="Enabled">Whether it has it.</param>
public sealed record FlagState(string Name, string Tenant, bool Enabled);
