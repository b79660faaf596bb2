using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Core.Subscribers;

/// <summary>A service with its contracts, past and to come. Which of them holds is asked anew for each day.</summary>
/// <remarks>So memory need not change when a date comes, in any zone and by any clock.</remarks>
sealed class DatedSubscriber(IReadOnlyList<DatedSubscriber.Term> terms)
{
    public SubscriptionId Subscription => terms[0].Subscriber.Subscription;

    public string UserName => terms[0].Subscriber.UserName;

    /// <summary>What the service may do on this day; null if no contract is in force.</summary>
    public Subscriber? On(LocalDate day)
    {
        foreach (var term in terms)
        {
            if (term.From <= day && (term.To is not { } end || day < end))
                return term.Subscriber;
        }
        return null;
    }

    public DatedSubscriber With(AddressAssignment addresses)
        => new([.. terms.Select(term => term with { Subscriber = term.Subscriber with { Addresses = addresses } })]);

    /// <summary>What the service may do from one day up to, but not including, another.</summary>
    internal sealed record Term(LocalDate From, LocalDate? To, Subscriber Subscriber);
}
