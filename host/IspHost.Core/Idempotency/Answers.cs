using System.Data;
using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IspHost.Core.Idempotency;

/// <summary>Stores the answer of the present request with its work.</summary>
sealed class Answers(IHttpContextAccessor http) : IAnswers
{
    RequestKey? Key => http.HttpContext?.Features.Get<RequestKey>();

    public Guid? Request => Key?.Id;

    public async Task KeepAsync(NpgsqlConnection connection, IResult answer, CancellationToken cancellationToken)
    {
        if (Key is not { } key)
            return;
        // EF Core goes on after a connection was lost while it released a savepoint of its own.
        if (connection.State is not ConnectionState.Open)
            throw new DatabaseAwayException();
        var kept = await KeptAnswer.OfAsync(answer, http.HttpContext!);
        if (!await RequestClaims.AnswerAsync(connection, key, kept, cancellationToken))
            throw new ClaimLostException();
        key.IsAnswered = true;
    }

    /// <summary>Saves the changes and the answer that they lead to, or neither.</summary>
    public async Task<SaveOutcome> TrySaveAsync(DbContext db, IResult answer, CancellationToken cancellationToken)
    {
        if (Key is null)
            return await db.TrySaveAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var outcome = await db.TrySaveAsync(cancellationToken);
        if (outcome is not SaveOutcome.Saved)
            return outcome;
        await KeepAsync((NpgsqlConnection)db.Database.GetDbConnection(), answer, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outcome;
    }
}

/// <summary>Another attempt has taken the request over, so this one's work is taken back.</summary>
sealed class ClaimLostException() : Exception("Another attempt has taken the request over.");
