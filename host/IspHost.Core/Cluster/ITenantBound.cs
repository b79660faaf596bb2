namespace IspHost.Core.Cluster;

/// <summary>Marks a grain that belongs to one tenant: its key starts with the tenant and a slash, and only that tenant may call it.</summary>
interface ITenantBound;
