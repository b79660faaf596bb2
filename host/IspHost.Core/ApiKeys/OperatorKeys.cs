using IspHost.Core.Database;
using Microsoft.EntityFrameworkCore;
using NodaTime;

namespace IspHost.Core.ApiKeys;

/// <summary>Makes keys of the operator. Whoever can start the server on its data may have one.</summary>
public sealed class OperatorKeys(IDbContextFactory<HostDb> host, IClock clock)
{
    /// <summary>A new key; its text is stored nowhere.</summary>
    public async Task<string> CreateAsync(string name, CancellationToken cancellationToken)
    {
        var text = KeyText.New(KeyText.Operator);
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        db.OperatorKeys.Add(new OperatorKey { Prefix = text.Prefix, Hash = text.Hash, Name = name, CreatedAt = clock.GetCurrentInstant() });
        await db.SaveChangesAsync(cancellationToken);
        return text.ToString();
    }

    /// <summary>Ends a key, if it is one.</summary>
    public async Task RevokeAsync(string key, CancellationToken cancellationToken)
    {
        if (!KeyText.TryParse(key, out var text))
            return;
        await using var db = await host.CreateDbContextAsync(cancellationToken);
        await db.OperatorKeys.Where(k => k.Prefix == text.Prefix && k.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(k => k.RevokedAt, clock.GetCurrentInstant()), cancellationToken);
    }
}
