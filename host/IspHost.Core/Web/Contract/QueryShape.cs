using System.Globalization;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace IspHost.Core.Web.Contract;

/// <summary>What may stand in the path and the query of a request.</summary>
sealed class QueryShape
{
    readonly Dictionary<string, Parameter> query = [];
    readonly List<Parameter> path = [];

    /// <summary>That of an endpoint, by the parameters that it binds.</summary>
    public static QueryShape Of(RouteEndpointBuilder endpoint)
    {
        var shape = new QueryShape();
        foreach (var bound in endpoint.Metadata.OfType<IParameterBindingMetadata>())
        {
            var name = NameOf(bound);
            if (endpoint.RoutePattern.GetParameter(name) is not null)
                shape.path.Add(new Parameter(name, bound));
            else if (IsOfQuery(bound))
                shape.query[name] = new Parameter(name, bound);
        }
        return shape;
    }

    /// <summary>Adds what is wrong.</summary>
    public void Check(HttpRequest request, Faults faults)
    {
        foreach (var parameter in path)
        {
            if (request.RouteValues.TryGetValue(parameter.Name, out var value) && value is string text)
                parameter.Check(text, faults);
        }
        foreach (var (name, values) in request.Query)
        {
            if (!query.TryGetValue(name, out var parameter))
                faults.Add(name, Spelling.Unknown(name, query.Keys));
            else if (values.Count != 1)
                faults.Add(name, "given once");
            else
                parameter.Check(values[0] ?? "", faults);
        }
        foreach (var parameter in query.Values)
        {
            if (parameter.IsRequired && !request.Query.ContainsKey(parameter.Name))
                faults.Add(parameter.Name, "given");
        }
    }

    static string NameOf(IParameterBindingMetadata bound)
        => bound.ParameterInfo.GetCustomAttributes().OfType<IFromQueryMetadata>().FirstOrDefault()?.Name ?? bound.Name;

    static bool IsOfQuery(IParameterBindingMetadata bound)
    {
        var isOfElsewhere = bound.ParameterInfo.GetCustomAttributes().Any(
            attribute => attribute is IFromServiceMetadata or IFromBodyMetadata or IFromHeaderMetadata or IFromRouteMetadata);
        return !isOfElsewhere && ValueKind.Of(bound.ParameterInfo.ParameterType) is not null;
    }

    sealed class Parameter(string name, IParameterBindingMetadata bound)
    {
        readonly ValueKind? kind = ValueKind.Of(bound.ParameterInfo.ParameterType);
        readonly IReadOnlyList<FieldRule> rules = FieldRule.Of(bound.ParameterInfo);

        public string Name => name;

        public bool IsRequired { get; } = !bound.IsOptional && !bound.ParameterInfo.HasDefaultValue;

        public void Check(string text, Faults faults)
        {
            if (kind is null)
                return;
            var isNumber = decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
            object value = kind.Type is "integer" && isNumber ? number : text;
            if (!kind.Holds(text, rules.Count > 0) || !rules.All(rule => rule.Holds(value)))
                faults.Add(name, kind.RuleWith(rules));
        }
    }
}
