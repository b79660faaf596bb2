using Microsoft.AspNetCore.Http;
using Npgsql;

namespace IspHost.Sdk.Data;

/// <summary>Keeps what an endpoint answers, for repetitions of a POST with the same <c>Idempotency-Key</c>.</summary>
/// <remarks>
/// The host keeps the answer of every such request by itself, but after the endpoint has ended: if the process is killed before that, a
/// repetition runs the endpoint again. An endpoint whose work must not happen twice, and whose constraints do not see to that, stores its
/// answer with its work. Work that no transaction holds, since somebody outside does it, is known again by <see cref="Request"/>.
/// </remarks>
[HostService]
public interface IAnswers
{
    /// <summary>Names the present request: the same at each of its repetitions. Null if it has no key.</summary>
    /// <remarks>
    /// Store it with the intent, before anybody is asked, where a unique constraint refuses it a second time; or hand it to whoever is
    /// asked.
    /// </remarks>
    Guid? Request { get; }

    /// <summary>Stores the answer in the connection's present transaction, which is to be committed at once.</summary>
    /// <remarks>Does nothing if the request has no key. The answer is kept for a day, in clear: leave out what is secret.</remarks>
    /// <param name="connection">The connection that does the work.</param>
    /// <param name="answer">What the endpoint is about to return.</param>
    /// <param name="cancellationToken">Stops the write.</param>
    /// <exception cref="Exception">Another attempt has taken the request over: the transaction must not be committed.</exception>
    Task KeepAsync(NpgsqlConnection connection, IResult answer, CancellationToken cancellationToken);
}
