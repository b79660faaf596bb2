namespace IspHost.Core.Tenancy;

/// <summary>Marks a grain that belongs to one tenant, which alone may call it. Its key starts with the tenant and a slash.</summary>
interface ITenantBound;
