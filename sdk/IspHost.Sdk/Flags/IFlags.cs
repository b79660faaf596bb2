using IspHost.Sdk.Customers;

namespace IspHost.Sdk.Flags;

/// <summary>Feature flags, from memory: what the operator says arrives within a second on every node.</summary>
[HostService]
public interface IFlags
{
    /// <summary>Asks a flag about somebody.</summary>
    /// <remarks>
    /// It takes microseconds, unless the flag has a filter that a plugin provides: then it may take that filter's second. Ask once for a
    /// piece of work, such as a bill run, and keep the answer: the flag may change meanwhile.
    /// </remarks>
    /// <param name="flag">Its name, in any case. A flag that is not there is off.</param>
    /// <param name="subject">About whom.</param>
    /// <param name="cancellationToken">Stops the question.</param>
    ValueTask<FlagAnswer> AskAsync(string flag, FlagSubject subject, CancellationToken cancellationToken);

    /// <summary>Whether a flag is on for somebody, in whatever variant.</summary>
    async ValueTask<bool> IsOnAsync(string flag, FlagSubject subject, CancellationToken cancellationToken)
        => (await AskAsync(flag, subject, cancellationToken)).IsOn;
}

/// <summary>About whom a flag is asked.</summary>
public sealed record FlagSubject
{
    /// <summary>Whose business it is.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The customer, if it is about one. A percentage of customers lets nobody in who is none.</summary>
    public CustomerId? Customer { get; init; }

    /// <summary>What else is known: groups such as <c>plan:home</c>, compared letter by letter, at most 50 of them.</summary>
    /// <remarks>The host itself adds <c>tenant:CODE</c> and <c>customer:ID</c>, and leaves out such groups of others.</remarks>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>A tenant.</summary>
    public static FlagSubject Of(TenantId tenant) => new() { Tenant = tenant };

    /// <summary>A customer, with the groups that <c>explain</c> finds as well: its segment, its tags, and the plans that it has.</summary>
    /// <param name="tenant">Whose customer.</param>
    /// <param name="customer">The customer.</param>
    /// <param name="plans">Codes of the plans that its services have now.</param>
    public static FlagSubject Of(TenantId tenant, Customer customer, params IEnumerable<string> plans) => new()
    {
        Tenant = tenant,
        Customer = customer.Id,
        Groups = [
            $"segment:{customer.Segment}", .. customer.Tags.Select(tag => $"tag:{tag}"), .. plans.Select(plan => $"plan:{plan}")],
    };
}

/// <summary>What a flag answers.</summary>
public sealed record FlagAnswer
{
    /// <summary>That it is off.</summary>
    public static FlagAnswer Off { get; } = new();

    /// <summary>Whether it is on.</summary>
    public bool IsOn { get; init; }

    /// <summary>Which variant, if the flag is on and has variants that fit.</summary>
    public string? Variant { get; init; }

    /// <summary>What the operator says of that variant: a JSON object as text, at most 4,096 characters.</summary>
    public string? Value { get; init; }
}
