using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;

namespace IspHost.Client;

/// <summary>Puts onto each request who asks.</summary>
sealed class KeyHolder(Uri server, string key, string? tenant) : IAuthenticationProvider
{
    public Task AuthenticateRequestAsync(
        RequestInformation request, Dictionary<string, object>? additionalAuthenticationContext = null,
        CancellationToken cancellationToken = default)
    {
        request.Headers.TryAdd("Api-Version", IspHostClient.ApiVersion);
        // WithUrl takes any address, also one that somebody else wrote down.
        if (request.URI.Authority != server.Authority)
            return Task.CompletedTask;
        request.Headers.TryAdd("Authorization", $"Bearer {key}");
        if (tenant is not null)
            request.Headers.TryAdd("Tenant", tenant);
        return Task.CompletedTask;
    }
}
