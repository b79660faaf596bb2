using IspHost.Core.Work;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Jobs;

/// <summary>Adds what looks after the plugins' jobs.</summary>
public static class JobSetup
{
    /// <summary>Adds <see cref="JobRuns"/> and what keeps runs going. It needs <c>AddDueWork</c>.</summary>
    public static IServiceCollection AddJobs(this IServiceCollection services, JobOptions? options = null)
        => services
            .AddSingleton(options ?? new JobOptions())
            .AddSingleton<JobRows>()
            .AddSingleton(provider => new JobRuns(provider.GetRequiredService<JobRows>(), provider.GetRequiredService<IPluginWork>()))
            .AddSingleton<IDueWork, JobWork>();
}
