namespace IspHost.Core.Web;

/// <summary>Who may call an endpoint.</summary>
public static class Policies
{
    /// <summary>A key of the operator.</summary>
    public const string Operator = "operator";

    /// <summary>A key of a tenant, or one of the operator with a <c>Tenant</c> header.</summary>
    public const string Tenant = "tenant";
}
