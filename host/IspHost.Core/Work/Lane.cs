using IspHost.Sdk;

namespace IspHost.Core.Work;

/// <summary>The way to one handler, job or type of actor of a plugin, or to imports, for all tenants.</summary>
/// <param name="Kind">What it is: <c>event</c>, <c>job</c>, <c>actor</c> or <c>import</c>.</param>
/// <param name="Plugin">The plugin's id; <c>host</c> for what is the host's own.</param>
/// <param name="Name">The event and its handler, the job, the type of actor, or what is imported.</param>
readonly record struct Lane(string Kind, string Plugin, string Name);

/// <summary>One thing that is due, and that this node has taken for a while.</summary>
/// <param name="Lane">To whom it goes.</param>
/// <param name="Tenant">For whom.</param>
/// <param name="Id">Of the event, the run or the actor.</param>
/// <param name="Part">The partition of a run; -1 for the run itself, and for all else.</param>
sealed record DueItem(Lane Lane, TenantId Tenant, string Id, int Part);
