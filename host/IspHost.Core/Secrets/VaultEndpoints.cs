using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
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
        var keys = api.MapGroup("/vault/keys").WithTags("Vault").ForOperators();

        keys.MapGet("/", List);
        keys.MapPost("/", Rotate);
        keys.MapDelete("/{number}", Remove);
    }

    static async Task<Ok<List<VaultKeyView>>> List(IDatabase database, VaultRotation rotation, CancellationToken stop)
    {
        var counts = await rotation.CountAsync(stop);
        var known = await VaultKeyRow.ReadAsync(database.Connections, stop);
        return TypedResults.Ok(known
            .Select(key => new VaultKeyView(key.Number, key.IsCurrent, key.Since, counts.GetValueOrDefault(key.Number))).ToList());
    }

    static async Task<Results<Accepted<NewVaultKeyView>, ProblemHttpResult>> Rotate(VaultRotation rotation, CancellationToken stop)
    {
        try
        {
            return TypedResults.Accepted("/api/v1/vault/keys", new NewVaultKeyView(await rotation.BeginAsync(stop)));
        }
        catch (Exception refusal) when (refusal is VaultException or DatabaseStartException)
        {
            return Problems.Conflict("no-vault-key", refusal.Message);
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
            return Problems.Conflict("vault-key-in-use", refusal.Message);
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
