using IspHost.Core.Database;
using IspHost.Core.Web;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace IspHost.Core.Idempotency;

/// <summary>A POST that carries an <c>Idempotency-Key</c> happens once: its repetition gets the first answer again, for a day.</summary>
/// <remarks>
/// An endpoint that stores its answer with its work (<see cref="Answers"/>) does the work exactly once, whatever dies when. Of the others
/// the answer is stored here, after the work. An answer of 500 or more is none, nor is a 429: the key is free again.
/// </remarks>
sealed class IdempotencyKeys(
    RequestDelegate next, RequestClaims claims, LeftClaims left, DatabasePulse pulse, ILogger<IdempotencyKeys> log)
{
    const string Header = "Idempotency-Key";
    const int MaxKey = 200;
    const int MaxBody = 1024 * 1024;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan PatienceAfterFailure = TimeSpan.FromMilliseconds(300);

    public async Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method) || http.Request.Headers[Header].ToString() is not { Length: > 0 } header
            || !RequestKey.TryFindOwner(http, out var tenant))
            await next(http);
        else if (header.Length > MaxKey)
            await Problems.Field(Header, $"at most {MaxKey} characters").ExecuteAsync(http);
        else if (await ReadBodyAsync(http.Request, http.RequestAborted) is not { } body)
            await Problems.Of(
                Refusals.BodyTooLarge, $"A request with an {Header} has at most {MaxBody / 1024 / 1024} MB.").ExecuteAsync(http);
        else
            await RunOnceAsync(http, RequestKey.Of(http.Request, tenant, header, body));
    }

    /// <summary>The whole body, which the endpoint can then read again; null if it is too large.</summary>
    static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpRequest request, CancellationToken stop)
    {
        if (request.ContentLength > MaxBody)
            return null;
        var body = new MemoryStream();
        var piece = new byte[16 * 1024];
        while (await request.Body.ReadAsync(piece, stop) is > 0 and var read)
        {
            if (body.Length + read > MaxBody)
                return null;
            body.Write(piece, 0, read);
        }
        body.Position = 0;
        request.Body = body;
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    async Task RunOnceAsync(HttpContext http, RequestKey key)
    {
        if (await TakeAsync(key, http.RequestAborted) is { } earlier)
        {
            await SendAsync(http, earlier);
            return;
        }
        http.Features.Set(key);
        var body = http.Response.Body;
        using var copy = new MemoryStream();
        http.Response.Body = copy;
        try
        {
            await next(http);
            if (!key.IsAnswered && IsFinal(http.Response.StatusCode))
                await StoreAsync(key, KeptAnswer.Of(http.Response, copy.ToArray()));
        }
        catch (ClaimLostException)
        {
            copy.SetLength(0);
            await SendAsync(http, RequestClaims.InProgress());
        }
        catch
        {
            // The answer was written in a transaction that may not have been committed. One that was is not taken back.
            key.IsAnswered = false;
            throw;
        }
        finally
        {
            http.Response.Body = body;
            if (!key.IsAnswered)
                await ReleaseAsync(key);
        }
        // Writing nothing would begin an answer that has no body, or one that gets its body further out.
        if (copy.Length > 0)
            await body.WriteAsync(copy.ToArray(), http.RequestAborted);
    }

    static Task SendAsync(HttpContext http, IResult answer)
    {
        if (answer is ProblemHttpResult { StatusCode: StatusCodes.Status409Conflict })
            http.Response.Headers.RetryAfter = "2";
        return answer.ExecuteAsync(http);
    }

    async Task<IResult?> TakeAsync(RequestKey key, CancellationToken stop)
    {
        try
        {
            return await claims.TakeAsync(key, stop);
        }
        catch
        {
            left.Add(key); // Whether the database has it cannot be known.
            throw;
        }
    }

    static bool IsFinal(int status) => status is < StatusCodes.Status500InternalServerError and not StatusCodes.Status429TooManyRequests;

    /// <summary>Also for a client that has gone: it will come back to ask.</summary>
    async Task StoreAsync(RequestKey key, KeptAnswer answer)
    {
        using var patience = new CancellationTokenSource(Patience);
        if (!await claims.AnswerAsync(key, answer, patience.Token))
            throw new ClaimLostException();
        key.IsAnswered = true;
    }

    /// <summary>Whoever waits for the answer does not wait for this.</summary>
    async Task ReleaseAsync(RequestKey key)
    {
        if (pulse.IsAway)
        {
            left.Add(key);
            return;
        }
        using var patience = new CancellationTokenSource(PatienceAfterFailure);
        try
        {
            await claims.ReleaseAsync(key, patience.Token).WaitAsync(PatienceAfterFailure);
        }
        catch (Exception cause) when (cause is TimeoutException or OperationCanceledException || DatabaseAway.Is(cause))
        {
            log.LogInformation("A claim is left behind for a while: {Cause}", cause.Message);
            left.Add(key);
        }
    }
}
