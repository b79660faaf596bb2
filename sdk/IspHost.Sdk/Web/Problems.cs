using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IspHost.Sdk.Web;

/// <summary>Answers that say what is wrong (RFC 9457).</summary>
public static class Problems
{
    /// <summary>A field of the request breaks a rule, or what it says could not be served.</summary>
    public static ProblemType InvalidField { get; } = new(
        "invalid-field", StatusCodes.Status400BadRequest, "Invalid request",
        "Fields of the request break rules, and nothing was done. `errors` names each by its path, such as `price.recurring.amount`, and "
        + "says what it must be: mend them all and send the request again. `body` is the body as a whole.");

    /// <summary>A refusal of this kind.</summary>
    /// <param name="type">Named on the endpoint by <see cref="ProblemTypesOfEndpoints.Refuses"/>.</param>
    /// <param name="detail">What is wrong this time, in a sentence for people.</param>
    /// <param name="more">Fields beside the usual ones, for programs.</param>
    public static ProblemHttpResult Of(ProblemType type, string detail, IDictionary<string, object?>? more = null)
        => TypedResults.Problem(detail, statusCode: type.Status, title: type.Title, type: type.Address, extensions: more);

    /// <summary>A field breaks a rule.</summary>
    /// <param name="field">Its path, such as <c>price.recurring</c>.</param>
    /// <param name="rule">What it must be.</param>
    public static ProblemHttpResult Field(string field, string rule) => Fields([(field, rule)]);

    /// <summary>Fields break rules.</summary>
    public static ProblemHttpResult Fields(IReadOnlyCollection<(string Field, string Rule)> broken)
    {
        var first = broken.DistinctBy(fault => fault.Field).ToList();
        return Invalid(
            string.Join(' ', first.Select(fault => $"{fault.Field} must be {fault.Rule}.")),
            first.ToDictionary(fault => fault.Field, fault => $"must be {fault.Rule}"));
    }

    /// <summary>What a field says makes sense, but nobody could serve it.</summary>
    public static ProblemHttpResult Refused(string field, string reason)
        => Invalid($"{field}: {reason}", new Dictionary<string, string> { [field] = reason });

    static ProblemHttpResult Invalid(string detail, Dictionary<string, string> errors)
        => Of(InvalidField, detail, new Dictionary<string, object?> { ["errors"] = errors });
}

/// <summary>Collects the fields of a request that break rules which an attribute cannot say.</summary>
public sealed class FieldRules
{
    readonly List<(string Field, string Rule)> broken = [];

    /// <summary>Null if all fields are in order.</summary>
    public ProblemHttpResult? Problem => broken.Count == 0 ? null : Problems.Fields(broken);

    /// <summary>Remembers the field if the rule does not hold.</summary>
    /// <param name="field">Its path, such as <c>price.recurring</c>.</param>
    /// <param name="holds">Whether it is in order.</param>
    /// <param name="rule">What it must be.</param>
    public FieldRules Check(string field, bool holds, string rule)
    {
        if (!holds)
            broken.Add((field, rule));
        return this;
    }
}
