using System.Text.Json;
using System.Text.RegularExpressions;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Core.Web;

/// <summary>A request that the framework cannot read though it has been checked: its exceptions are for developers.</summary>
static partial class BadRequests
{
    public static ProblemHttpResult Explain(BadHttpRequestException cause) => cause switch
    {
        { InnerException: JsonException { Path.Length: > 2 } json } => Problems.Field(json.Path[2..], "whole, and a value of its type"),
        { InnerException: JsonException } => Problems.Field("body", "valid JSON of its type"),
        { StatusCode: StatusCodes.Status413PayloadTooLarge } => Problems.Of(Refusals.BodyTooLarge, cause.Message),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Refusals.Of(Refusals.UnsupportedMediaType),
        _ when Parameter().Match(cause.Message) is { Success: true } bound
            => Problems.Field(bound.Groups["name"].Value, "a value of its type"),
        _ => Problems.Of(Refusals.MalformedRequest, cause.Message),
    };

    [GeneratedRegex("^(Failed to bind|Required) parameter \"([^\"]* )?(?<name>[^\" ]+)\"")]
    private static partial Regex Parameter();
}
