using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace IspHost.Core.Web.Contract;

/// <summary>What the JSON of a request must look like, from the contract of its type and the rules that stand on its fields.</summary>
/// <remarks>
/// The framework's reader stops at the first fault and does not know the rules; it reads what has passed here. Made once for each
/// endpoint, and held by it alone, since it may hold on to types of a plugin.
/// </remarks>
abstract class BodyShape
{
    /// <summary>The shape of a type.</summary>
    public static BodyShape Of(JsonTypeInfo type) => Of(type, []);

    /// <summary>Adds everything that is wrong with a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="faults">Where it is added.</param>
    /// <param name="isPatch">Whether fields may be left out that are there already (RFC 7396).</param>
    public void Check(JsonElement body, Faults faults, bool isPatch = false)
    {
        try
        {
            Check(body, "", faults, isPatch);
        }
        catch (InvalidOperationException) // A text that is no Unicode is found when it is looked at.
        {
            faults.Add("body", "UTF-8");
        }
    }

    protected abstract void Check(JsonElement value, string path, Faults faults, bool isPatch);

    static BodyShape Of(JsonTypeInfo type, IReadOnlyList<FieldRule> rules)
    {
        if (ValueKind.Of(type.Type) is { } kind)
            return new Leaf(kind, [.. rules.Where(rule => !rule.IsOfCount)]);
        return type.Kind switch
        {
            JsonTypeInfoKind.Object => new Record(type),
            JsonTypeInfoKind.Enumerable => new List(Of(type.Options.GetTypeInfo(type.ElementType!), rules), rules),
            _ => new Anything(),
        };
    }

    /// <summary>What a converter of a plugin's own reads: only it knows.</summary>
    sealed class Anything : BodyShape
    {
        protected override void Check(JsonElement value, string path, Faults faults, bool isPatch) { }
    }

    sealed class Leaf(ValueKind kind, IReadOnlyList<FieldRule> rules) : BodyShape
    {
        readonly string rule = kind.RuleWith(rules);

        protected override void Check(JsonElement value, string path, Faults faults, bool isPatch)
        {
            if (!kind.Holds(value, isBounded: rules.Count > 0) || !rules.All(rule => rule.Holds(Plain(value))))
                faults.Add(path, rule);
        }

        static object Plain(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Number when value.TryGetDecimal(out var number) => number,
            _ => false,
        };
    }

    sealed class List(BodyShape item, IReadOnlyList<FieldRule> rules) : BodyShape
    {
        const int Most = 1000;

        readonly IReadOnlyList<FieldRule> counts = rules.Any(rule => rule.IsOfCount)
            ? [.. rules.Where(rule => rule.IsOfCount)]
            : [new FieldRule($"a list of at most {Most}", count => count is <= Most)];

        protected override void Check(JsonElement value, string path, Faults faults, bool isPatch)
        {
            if (value.ValueKind is not JsonValueKind.Array)
            {
                faults.Add(path, "a list");
                return;
            }
            if (counts.FirstOrDefault(rule => !rule.Holds(value.GetArrayLength())) is { } broken)
            {
                faults.Add(path, broken.Rule);
                return;
            }
            var number = 0;
            foreach (var element in value.EnumerateArray())
                item.Check(element, $"{path}[{number++}]", faults, isPatch: false);
        }
    }

    sealed class Record : BodyShape
    {
        readonly Dictionary<string, Field> fields;

        /// <summary>Fields of a type that has itself as a part are found when they are looked for.</summary>
        public Record(JsonTypeInfo type)
            => fields = type.Properties.Where(IsRead)
                .ToDictionary(property => property.Name, property => new Field(property, type.Options));

        protected override void Check(JsonElement value, string path, Faults faults, bool isPatch)
        {
            if (value.ValueKind is not JsonValueKind.Object)
            {
                faults.Add(path, "an object");
                return;
            }
            var given = new HashSet<string>();
            foreach (var part in value.EnumerateObject())
            {
                var place = path.Length == 0 ? part.Name : $"{path}.{part.Name}";
                if (!given.Add(part.Name))
                    faults.Add(place, "given once");
                else if (fields.TryGetValue(part.Name, out var field))
                    field.Check(part.Value, place, faults, isPatch);
                else
                    faults.Add(place, Spelling.Unknown(part.Name, fields.Keys));
            }
            foreach (var (name, field) in fields)
            {
                if (field.IsRequired && !isPatch && !given.Contains(name))
                    faults.Add(path.Length == 0 ? name : $"{path}.{name}", "given");
            }
        }

        static bool IsRead(JsonPropertyInfo property) => property.Set is not null || property.AssociatedParameter is not null;
    }

    sealed class Field(JsonPropertyInfo property, JsonSerializerOptions options)
    {
        readonly Lazy<BodyShape> shape = new(() => Of(
            options.GetTypeInfo(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType),
            FieldRule.Of(property.AttributeProvider, property.AssociatedParameter?.AttributeProvider)));

        readonly bool isNullable = ContractJson.IsNullable(property);

        public bool IsRequired { get; } = property.IsRequired;

        /// <summary>In a patch, null sets back what has a default.</summary>
        public void Check(JsonElement value, string path, Faults faults, bool isPatch)
        {
            if (value.ValueKind is not JsonValueKind.Null)
                shape.Value.Check(value, path, faults, isPatch);
            else if (isPatch ? IsRequired : !isNullable)
                faults.Add(path, "a value, and not null");
        }
    }

}

/// <summary>What is wrong with a request.</summary>
sealed class Faults
{
    const int Most = 50;

    readonly List<(string Field, string Rule)> all = [];

    public IReadOnlyList<(string Field, string Rule)> All => all;

    /// <summary>How the caller calls a field.</summary>
    public Func<string, string> Name { get; set; } = path => path;

    /// <summary>Remembers a field and what it must be. Who sends thousands of faults is told of the first.</summary>
    public void Add(string field, string rule)
    {
        if (all.Count < Most)
            all.Add((field.Length == 0 ? "body" : Name(field), rule));
    }
}
