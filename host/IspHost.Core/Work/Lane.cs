using IspHost.Sdk;

namespace IspHost.Core.Work;

/// <summary>The way to one handler, job or type of actor of a plugin, for all tenants.</summary>
/// <param name="Kind">What it is: <c>event</c>, <c>job</c> or <c>actor</c>.</param>
/// <param name="Plugin">The plugin's id.</param>
/// <param name="Name">The event and its handler, the job, or the type of actor.</param>
readonly record struct Lane(string Kind, string Plugin, string Name);

/// <summary>One thing that is due, and that this node has taken for a while.</summary>
/// <param name="Lane">To whom it goes.</param>
/// <param name="Tenant">For whom.</param>
/// <param name="Id">Of the event, the run or the actor.</param>
/// <param name="Part">The partition of a run; -1 for the run itself, and for all else.</param>
sealed record DueItem(Lane Lane, TenantId Tenant, string Id, int Part);
