using System.Reflection;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.Mvc.Infrastructure;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Web.Document;

/// <summary>What every endpoint must have, of the host or of a plugin. One that lacks something is refused.</summary>
static class EndpointRules
{
    /// <summary>What an endpoint lacks, in words for whoever wrote it; empty if nothing.</summary>
    public static IEnumerable<string> BrokenBy(ApiDescription endpoint)
    {
        var metadata = endpoint.ActionDescriptor.EndpointMetadata;
        var place = $"{endpoint.HttpMethod} /{endpoint.RelativePath}";
        foreach (var (holds, rule) in Rules(endpoint, metadata))
        {
            if (!holds)
                yield return $"{place} {rule}";
        }
    }

    static IEnumerable<(bool Holds, string Rule)> Rules(ApiDescription endpoint, IList<object> metadata)
    {
        var name = metadata.OfType<IEndpointNameMetadata>().LastOrDefault()?.EndpointName;
        yield return (
            name is { Length: > 0 } && char.IsAsciiLetterLower(name[0]) && name.All(char.IsAsciiLetterOrDigit),
            "has no name in camel case: say what it is with Documented");
        yield return (Has<IEndpointSummaryMetadata>(one => one.Summary), "has no summary: say what it is with Documented");
        yield return (Has<IEndpointDescriptionMetadata>(one => one.Description), "has no description: say what it is with Documented");
        yield return (metadata.OfType<ITagsMetadata>().Any(), "is in no chapter: put its group into one with InChapter");
        yield return (metadata.OfType<ScopeArea>().Any(), "asks for no scope");
        yield return (ShowsWhatItAnswers(endpoint), "does not say what it answers: return a typed result, such as Ok<Invoice>");
        yield return (!Lists(endpoint) || HasPages(endpoint), "is a list without [Cursor] cursor and [Limit] limit");
        var changes = HttpMethods.IsPut(endpoint.HttpMethod!) || HttpMethods.IsPatch(endpoint.HttpMethod!);
        yield return (!changes || !HasBody(endpoint) || metadata.OfType<ChecksIfMatch>().Any(), "changes what is there without an IfMatch");

        bool Has<T>(Func<T, string?> text) => metadata.OfType<T>().Any(one => !string.IsNullOrWhiteSpace(text(one)));
    }

    /// <summary>204 has nothing to show, and what is no JSON says what it is.</summary>
    static bool ShowsWhatItAnswers(ApiDescription endpoint)
    {
        var answers = endpoint.SupportedResponseTypes.Where(response => response.StatusCode is >= 200 and < 300).ToList();
        return answers.Count > 0 && answers.All(response => response.StatusCode == StatusCodes.Status204NoContent
            || (response.Type is { } type && type != typeof(void) && type != typeof(IResult))
            || endpoint.ActionDescriptor.EndpointMetadata.OfType<AnswersWith>().Any());
    }

    static bool Lists(ApiDescription endpoint) => endpoint.SupportedResponseTypes.Any(response => response.Type is { } type
        && (type.IsArray || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Page<>)
            || type.IsAssignableTo(typeof(System.Collections.IEnumerable))))));

    static bool HasPages(ApiDescription endpoint)
        => Attributes<CursorAttribute>(endpoint).Any() && Attributes<LimitAttribute>(endpoint).Any();

    static IEnumerable<T> Attributes<T>(ApiDescription endpoint) where T : Attribute
        => endpoint.ParameterDescriptions.Select(parameter => parameter.ParameterDescriptor).OfType<IParameterInfoParameterDescriptor>()
            .Select(parameter => parameter.ParameterInfo.GetCustomAttribute<T>()).OfType<T>();

    static bool HasBody(ApiDescription endpoint)
        => endpoint.ParameterDescriptions.Any(parameter => parameter.Source.Id == "Body")
            || endpoint.ActionDescriptor.EndpointMetadata.OfType<PatchOf>().Any();
}
