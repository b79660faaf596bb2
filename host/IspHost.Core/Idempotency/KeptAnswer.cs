using IspHost.Core.Web.Versions;
using Microsoft.AspNetCore.Http;

namespace IspHost.Core.Idempotency;

/// <summary>An answer as it is stored, for repetitions of its request.</summary>
sealed record KeptAnswer(short Status, string? ContentType, string? Location, byte[] Body) : IResult
{
    public static KeptAnswer Of(HttpResponse response, byte[] body)
        => new((short)response.StatusCode, response.ContentType, response.Headers.Location, body);

    /// <summary>What the result would send, without sending it.</summary>
    public static async Task<KeptAnswer> OfAsync(IResult result, HttpContext request)
    {
        using var body = new MemoryStream();
        var draft = new DefaultHttpContext { RequestServices = request.RequestServices };
        draft.Response.Body = body;
        await result.ExecuteAsync(draft);
        var newest = body.ToArray();
        var form = draft.Response.StatusCode < 300 && newest.Length > 0 ? request.Features.Get<AnswerForm>() : null;
        return Of(draft.Response, form?.Of(newest) ?? newest);
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.Headers["Idempotent-Replay"] = "true";
        response.ContentType = ContentType;
        response.Headers.Location = Location;
        if (Body.Length > 0)
            await response.Body.WriteAsync(Body, httpContext.RequestAborted);
    }
}
