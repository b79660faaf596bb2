using IspHost.Core.Changes;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using NodaTime;

namespace IspHost.Core.Subscribers;

/// <summary>A service with its contracts, past and to come. Which of them holds is asked anew for each day.</summary>
/// <remarks>
/// So memory need not change when a date comes, in any zone and by any clock. Nearly all services have one contract, which therefore
/// stands here itself: there may be a million of these.
/// </remarks>
sealed class KnownSubscriber
{
    readonly LocalDate from;
    readonly LocalDate to;
    readonly Subscriber subscriber;
    readonly Term[]? others;

    /// <param name="at">When it was read.</param>
    /// <param name="terms">At least one.</param>
    public KnownSubscriber(Moment at, IReadOnlyList<Term> terms)
    {
        (from, to, subscriber) = (terms[0].From, terms[0].To ?? LocalDate.MaxIsoValue, terms[0].Subscriber);
        others = terms.Count == 1 ? null : [.. terms.Skip(1)];
        At = at;
    }

    /// <summary>When it was read.</summary>
    public Moment At { get; }

    public SubscriptionId Subscription => subscriber.Subscription;

    public string UserName => subscriber.UserName;

    /// <summary>What the service may do on this day; null if no contract is in force.</summary>
    public Subscriber? On(LocalDate day)
    {
        if (from <= day && day < to)
            return subscriber;
        foreach (var other in others ?? [])
        {
            if (other.From <= day && (other.To is not { } end || day < end))
                return other.Subscriber;
        }
        return null;
    }

    /// <summary>With addresses that it has been given since it was read.</summary>
    public KnownSubscriber With(AddressAssignment addresses)
    {
        Term[] terms = [new(from, to, subscriber), .. others ?? []];
        return new KnownSubscriber(
            At, Array.ConvertAll(terms, term => term with { Subscriber = term.Subscriber with { Addresses = addresses } }));
    }

    /// <summary>What the service may do from one day up to, but not including, another.</summary>
    internal sealed record Term(LocalDate From, LocalDate? To, Subscriber Subscriber);
}
