using IspHost.Core.Audit;
using IspHost.Core.Database;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>Makes keys of the operator. Whoever can start the server on its data may have one.</summary>
public sealed class OperatorKeys(IDbContextFactory<HostDb> host, IClock clock)
{
    /// <summary>Who acts: whoever starts a server on these data.</summary>
    const string Server = "server";

    /// <summary>A new key; its text is stored nowhere.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var text = KeyText.New(KeyText.Operator);
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        db.OperatorKeys.Add(new OperatorKey { Prefix = text.Prefix, Hash = text.Hash, Name = name, CreatedAt = clock.GetCurrentInstant() });
        db.Audit(Server, "operator_key.create", $"operator_key/{text.Prefix}", new { name });
        await db.SaveChangesAsync(cancellationToken);
        return text.ToString();
    }

    /// <summary>Ends a key, if it is one.</summary>
    public async Task RevokeAsync(string key, CancellationToken cancellationToken)
    {
        if (!KeyText.TryParse(key, out var text))
            return;
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        var found = await db.OperatorKeys.SingleOrDefaultAsync(k => k.Prefix == text.Prefix && k.RevokedAt == null, cancellationToken);
        if (found is null)
            return;
        found.RevokedAt = clock.GetCurrentInstant();
        db.Audit(Server, "operator_key.revoke", $"operator_key/{text.Prefix}");
        await db.SaveChangesAsync(cancellationToken);
    }
}
