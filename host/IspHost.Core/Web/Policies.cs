namespace IspHost.Core.Web;

/// <summary>Who may call an endpoint. Each policy asks for the claim of its own name.</summary>
public static class Policies
{
    /// <summary>A key of the operator.</summary>
    public const string Operator = "operator";

    /// <summary>A key of a tenant, or one of the operator with a <c>Tenant</c> header. The claim's value is the tenant's id.</summary>
    public const string Tenant = "tenant";

    /// <summary>Somebody on this machine, or a key of the operator that may read.</summary>
    public const string Watcher = "watcher";
}
