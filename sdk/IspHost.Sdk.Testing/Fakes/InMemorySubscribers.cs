using System.Collections.Concurrent;
using System.Net;
using IspHost.Sdk.Nas;
using IspHost.Sdk.Subscribers;

namespace IspHost.Sdk.Testing;

/// <summary>Subscribers that a test adds, with one address pool for all.</summary>
/// <param name="pool">The addresses to give, in this order; none by default.</param>
public sealed class InMemorySubscribers(params IEnumerable<AddressAssignment> pool) : ISubscribers
{
    readonly ConcurrentDictionary<(TenantId, SubscriptionId), Subscriber> all = [];
    readonly Queue<AddressAssignment> free = new(pool);
    readonly Lock gate = new();

    /// <summary>Adds a subscriber, or replaces the one of the same service.</summary>
    public Subscriber Add(TenantId tenant, Subscriber subscriber) => all[(tenant, subscriber.Subscription)] = subscriber;

    /// <summary>Adds a subscriber with a line of 100 down and 10 up.</summary>
    public Subscriber Add(TenantId tenant, string userName, string password) => Add(tenant, new Subscriber
    {
        Subscription = SubscriptionId.New(),
        UserName = userName,
        Password = password,
        Profile = new AccessProfile { Up = BitRate.FromMegabits(10), Down = BitRate.FromMegabits(100) },
    });

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, string userName)
        => all.FirstOrDefault(entry => entry.Key.Item1 == tenant && entry.Value.UserName == userName).Value;

    /// <inheritdoc/>
    public Subscriber? Find(TenantId tenant, SubscriptionId subscription) => all.GetValueOrDefault((tenant, subscription));

    /// <inheritdoc/>
    public ValueTask<Subscriber?> ReadAsync(TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
        => ValueTask.FromResult(Find(tenant, subscription));

    /// <inheritdoc/>
    public ValueTask<AddressAssignment?> AssignAddressesAsync(
        TenantId tenant, SubscriptionId subscription, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var subscriber = Find(tenant, subscription)
                ?? throw new ArgumentException($"There is no service {subscription}.", nameof(subscription));
            if (subscriber.Addresses is null && free.TryDequeue(out var addresses))
                subscriber = Add(tenant, subscriber with { Addresses = addresses });
            return ValueTask.FromResult(subscriber.Addresses);
        }
    }
}

/// <summary>Access servers that a test adds.</summary>
public sealed class InMemoryNasDevices : INasDevices
{
    readonly ConcurrentDictionary<NasId, NasDevice> all = [];

    /// <summary>Adds a device, or replaces the one with the same identity.</summary>
    public NasDevice Add(NasDevice device) => all[device.Id] = device;

    /// <summary>Adds a device at 127.0.0.1.</summary>
    public NasDevice Add(TenantId tenant, string secret, string vendor = "") => Add(new NasDevice
    {
        Id = NasId.New(),
        Tenant = tenant,
        Address = IPAddress.Loopback,
        Secret = System.Text.Encoding.UTF8.GetBytes(secret),
        Vendor = vendor,
    });

    /// <inheritdoc/>
    public IReadOnlyList<NasDevice> At(IPAddress source)
        => [.. all.Values.Where(device => device.Address.Equals(source)).OrderBy(device => device.Id.Value)];

    /// <inheritdoc/>
    public NasDevice? Find(TenantId tenant, NasId nas)
        => all.GetValueOrDefault(nas) is { } device && device.Tenant == tenant ? device : null;
}
