using System.Globalization;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace IspHost.Core.Secrets;

/// <summary>The vault's keys, for the operator. Nothing here shows one.</summary>
public static class VaultEndpoints
{
    /// <summary>Maps <c>/vault</c>.</summary>
    public static void MapVault(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/vault/keys").InChapter("Vault", "The keys that passwords and secrets are sealed with.").ForOperators();

        keys.MapGet("/", List).Documented(
            "listVaultKeys", "List the vault's keys", "By number, with how much each has sealed. No key is shown.");
        keys.MapPost("/", Rotate).Refuses(NoKey).Documented(
            "rotateVaultKey", "Rotate the vault's key",
            "A new one seals from now on, and what older ones sealed is sealed anew while all goes on.");
        keys.MapDelete("/{number}", Remove).Refuses(InUse).Documented(
            "removeVaultKey", "Remove a key of the vault", "One that seals nothing any more. Backups that need it cannot be read then.");
    }

    static readonly ProblemType NoKey = new(
        "no-vault-key", StatusCodes.Status409Conflict, "Conflict",
        "There is no new key to rotate to: `detail` says where it is looked for.");

    static readonly ProblemType InUse = new(
        "vault-key-in-use", StatusCodes.Status409Conflict, "Conflict", "The key is the current one, or something is still sealed with it.");

    static async Task<Results<Ok<Page<VaultKeyView>>, ProblemHttpResult>> List(
        IDatabase database, VaultRotation rotation, CancellationToken stop,
        [Cursor] string? cursor = null, [Limit] int limit = Page.DefaultSize)
    {
        var counts = await rotation.CountAsync(stop);
        var known = await VaultKeyRow.ReadAsync(database.Connections, stop);
        var views = known.Select(key => new VaultKeyView(key.Number, key.IsCurrent, key.Since, counts.GetValueOrDefault(key.Number)));
        return Page.TryTake(
            views, "vault-keys", cursor, limit, key => key.Number.ToString("D10", CultureInfo.InvariantCulture), out var page)
            ? TypedResults.Ok(page)
            : Cursor.Unknown;
    }

    static async Task<Results<Accepted<NewVaultKeyView>, ProblemHttpResult>> Rotate(VaultRotation rotation, CancellationToken stop)
    {
        try
        {
            return TypedResults.Accepted("/api/v1/vault/keys", new NewVaultKeyView(await rotation.BeginAsync(stop)));
        }
        catch (Exception refusal) when (refusal is VaultException or DatabaseStartException)
        {
            return Problems.Of(NoKey, refusal.Message);
        }
    }

    static async Task<Results<NoContent, ProblemHttpResult>> Remove(int number, VaultRotation rotation, CancellationToken stop)
    {
        try
        {
            await rotation.RemoveAsync(number, stop);
            return TypedResults.NoContent();
        }
        catch (VaultException refusal)
        {
            return Problems.Of(InUse, refusal.Message);
        }
    }
}

/// <summary>A key of the vault.</summary>
/// <param name="Number">By which ciphertexts name it.</param>
/// <param name="IsCurrent">Whether it seals what is new.</param>
/// <param name="Since">When it became current.</param>
/// <param name="InUse">How many ciphertexts it has made.</param>
public sealed record VaultKeyView(int Number, bool IsCurrent, Instant Since, long InUse);

/// <summary>The key that seals from now on.</summary>
/// <param name="Number">By which ciphertexts name it.</param>
public sealed record NewVaultKeyView(int Number);
