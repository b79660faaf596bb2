using IspHost.Core.Audit;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>Makes keys of the operator. Whoever can start the server on its data may have one.</summary>
public sealed class OperatorKeys(IDbContextFactory<HostDb> host, IClock clock)
{
    /// <summary>Who acts: whoever starts a server on these data.</summary>
    const string Server = "server";

    /// <summary>A new key that may do everything; its text is stored nowhere.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        var made = Add(db, new NewApiKey(name, [Scopes.All], ApiVersion: ApiVersions.Newest), Server);
        await db.SaveChangesAsync(cancellationToken);
        return made.Key!;
    }

    /// <summary>Adds a key to what is saved next.</summary>
    internal IssuedApiKeyView Add(HostDb db, NewApiKey request, string actor)
    {
        var text = KeyText.New(KeyText.Operator);
        db.OperatorKeys.Add(new OperatorKey
        {
            Prefix = text.Prefix,
            Hash = text.Hash,
            Name = request.Name,
            Scopes = [.. request.Scopes!],
            CreatedAt = clock.GetCurrentInstant(),
            ExpiresAt = request.ExpiresAt,
            ApiVersion = request.ApiVersion!.Value,
        });
        db.Audit(actor, "operator_key.create", $"operator_key/{text.Prefix}", new { request.Name, request.Scopes });
        return new IssuedApiKeyView(
            text.Prefix, request.Name, request.Scopes!, request.ExpiresAt, request.ApiVersion!.Value, text.Text);
    }

    /// <summary>Ends a key, if it is one.</summary>
    /// <param name="key">Its text.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task EndAsync(string key, CancellationToken cancellationToken)
        => KeyText.TryParse(key, out var text) ? RevokeAsync(text.Prefix, Server, cancellationToken) : Task.CompletedTask;

    /// <returns>Whether there is such a key.</returns>
    internal async Task<bool> RevokeAsync(string prefix, string actor, CancellationToken cancellationToken)
    {
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        if (await db.OperatorKeys.SingleOrDefaultAsync(key => key.Prefix == prefix, cancellationToken) is not { } found)
            return false;
        if (found.RevokedAt is not null)
            return true;
        found.RevokedAt = clock.GetCurrentInstant();
        db.Audit(actor, "operator_key.revoke", $"operator_key/{prefix}");
        await db.SaveChangesAsync(cancellationToken);
        return true;
    }
}
