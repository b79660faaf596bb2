using System.ComponentModel.DataAnnotations;

namespace IspHost.Sdk.Web;

/// <summary>A name of ours in a request, such as that of a plan: lower-case letters, digits and hyphens.</summary>
/// <remarks>
/// Like the attributes of <c>System.ComponentModel.DataAnnotations</c> it stands on a property of a request or on a parameter from the
/// query. The host checks it before the endpoint is called, answers with all fields that break a rule at once, and shows it in the OpenAPI
/// document. On a list, rules of text hold for each item. <see cref="ValidationAttribute.ErrorMessage"/> is what the field must be, as
/// it stands in the answer: "must be" goes before it.
/// </remarks>
public sealed class CodeAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "home";

    /// <param name="longest">How many characters at most.</param>
    public CodeAttribute(int longest) : base($"^[a-z0-9][a-z0-9-]{{0,{longest - 1}}}$")
        => ErrorMessage = $"lower-case letters, digits and hyphens, 1 to {longest}, beginning with a letter or digit";
}

/// <summary>A line of text for people: not empty, and without control characters.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class LineAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "Text";

    /// <param name="longest">How many characters at most.</param>
    public LineAttribute(int longest) : base($@"^(?=.*\S)[^\p{{Cc}}]{{1,{longest}}}$")
        => ErrorMessage = $"1 to {longest} characters, none of them a control character";
}

/// <summary>A country: ISO 3166-1 alpha-2, in capitals.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class CountryAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "GR";

    /// <summary>Such as <c>GR</c>.</summary>
    public CountryAttribute() : base("^[A-Z]{2}$") => ErrorMessage = "a country code of ISO 3166, such as GR";
}

/// <summary>The number by which a tax authority knows a business. Enough to catch a slip; whether it is one, the tax engine says.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class TaxNumberAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "EL123456789";

    /// <summary>Such as <c>EL123456789</c>, <c>12/345/67890</c> or <c>GB GD001</c>.</summary>
    public TaxNumberAttribute() : base("^(?=[^0-9]*[0-9][^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9 ./+*-]{3,31}$")
        => ErrorMessage = "a tax number: 4 to 32 letters, digits, spaces and . / + * -, at least two of them digits";
}

/// <summary>An e-mail address. Enough to catch a slip; whether mail arrives, only mail shows.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class EmailAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "ann@example.com";

    /// <summary>At most 254 characters (RFC 5321 section 4.5.3.1).</summary>
    public EmailAttribute() : base(@"^(?=.{3,254}$)[^@\s\p{Cc}]{1,64}@[^@\s\p{Cc}]+$") => ErrorMessage = "an e-mail address";
}

/// <summary>A date in the query, such as <c>2026-10-01</c>. In a body, NodaTime's <c>LocalDate</c> says it by itself.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class IsoDateAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "2026-10-01";

    /// <summary>ISO 8601, four digits of year.</summary>
    public IsoDateAttribute() : base(@"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")
        => ErrorMessage = "a date, such as 2026-10-01";
}

/// <summary>A month, such as <c>2026-10</c>.</summary>
/// <inheritdoc cref="CodeAttribute" path="/remarks"/>
public sealed class MonthAttribute : RegularExpressionAttribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => "2026-10";

    /// <summary>ISO 8601, of the years 2000 to 2199.</summary>
    public MonthAttribute() : base("^2[01][0-9]{2}-(0[1-9]|1[0-2])$") => ErrorMessage = "a month, such as 2026-10";
}

/// <summary>An attribute that knows a value which keeps its rule, for the OpenAPI document.</summary>
public interface IHasExample
{
    /// <summary>The value, as text.</summary>
    string Example { get; }
}

/// <summary>A value of a field or parameter, for the OpenAPI document, where the usual one of its kind would say little.</summary>
/// <param name="example">The value, as text.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ExampleAttribute(string example) : Attribute, IHasExample
{
    /// <inheritdoc/>
    public string Example => example;
}
