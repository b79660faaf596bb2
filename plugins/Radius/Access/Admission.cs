using IspHost.Plugins.Radius.Wire;
using IspHost.Sdk;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace IspHost.Plugins.Radius.Access;

/// <summary>Decides the logins that memory alone cannot: is there a session free, is there an address free.</summary>
sealed class Admission(
    ISubscribers subscribers, ITenants tenants, Seats seats, RadiusSettings settings, ILogger<Admission> log)
{
    /// <summary>How many addresses are asked for at once, so that a storm of logins leaves connections for the accounting.</summary>
    const int Parallel = 4;

    public async Task DecideAsync(List<Login> logins, AuthenticationListener listener, CancellationToken stop)
    {
        foreach (var tenant in logins.Where(login => login.IsLimited).GroupBy(login => login.Device.Tenant))
            await LimitAsync(tenant.Key, [.. tenant], listener, stop);
        var rest = logins.Where(login => !login.IsAnswered);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            rest,
            new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = stop },
            async (login, token) => await AdmitAsync(login, listener, token));
    }

    async Task LimitAsync(TenantId tenant, List<Login> logins, AuthenticationListener listener, CancellationToken stop)
    {
        var now = tenants.Now(tenant);
        try
        {
            var seated = await seats.TakeAsync(tenant, [.. logins.Select(login => RequestOf(login, now))], stop);
            foreach (var login in logins.Where(login => !seated.Contains(login.Token)))
                listener.Reject(login, "session_limit");
        }
        catch (NpgsqlException failure)
        {
            // A database that is away must not keep paying subscribers out: the limit is the smaller good.
            log.LogWarning(failure, "Session limits of tenant {Tenant} are not enforced: the database does not answer.", tenant);
        }
    }

    SeatRequest RequestOf(Login login, Instant now)
    {
        var profile = login.Subscriber.Profile;
        return new(login.Token, login.Subscriber.Subscription, login.Line, profile.SessionLimit, now - StaleAfter(profile));
    }

    Duration StaleAfter(AccessProfile profile) => settings.StaleAfterIntervals * profile.InterimInterval;

    async ValueTask AdmitAsync(Login login, AuthenticationListener listener, CancellationToken stop)
    {
        var addresses = login.Subscriber.Addresses;
        if (login.NeedsAddress)
        {
            try
            {
                addresses = await subscribers.AssignAddressesAsync(login.Device.Tenant, login.Subscriber.Subscription, stop);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
            {
                log.LogWarning(failure, "No address could be asked for service {Subscription}.", login.Subscriber.Subscription);
                listener.Drop(login, DropReason.NoAddress);
                return;
            }
            if (addresses is null)
            {
                listener.Reject(login, "pool_exhausted");
                return;
            }
        }
        listener.Accept(login, addresses);
    }
}
