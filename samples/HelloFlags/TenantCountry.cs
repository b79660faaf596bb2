using IspHost.Sdk.Flags;
using IspHost.Sdk.Tenants;

namespace HelloFlags;

// begin filter
/// <summary>Met for tenants of the countries in the argument, such as <c>GR, CY</c>.</summary>
public sealed class TenantCountry(ITenants tenants) : IFlagFilter
{
    /// <inheritdoc/>
    public ValueTask<FlagFilterAnswer> JudgeAsync(FlagFilterRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Judge(request));
    }

    FlagFilterAnswer Judge(FlagFilterRequest request)
    {
        var countries = request.Argument.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (countries.Length == 0 || !countries.All(IsCountry))
            return No("the argument must be countries of ISO 3166, such as 'GR, CY'");
        if (tenants.Find(request.Tenant) is not { } tenant)
            return No("the tenant is not known");
        return new FlagFilterAnswer { IsMet = countries.Contains(tenant.Country), Reason = $"the tenant is in {tenant.Country}" };
    }

    static bool IsCountry(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper);

    static FlagFilterAnswer No(string reason) => new() { IsMet = false, Reason = reason };
}
// end filter
