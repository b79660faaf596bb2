using IspHost.Core.Work;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Imports;

/// <summary>Adds what takes over data of other systems.</summary>
static class ImportSetup
{
    /// <summary>It needs <c>AddDueWork</c>.</summary>
    public static IServiceCollection AddImports(this IServiceCollection services)
        => services.AddSingleton<SubscriberImports>().AddSingleton<IDueWork, ImportWork>();
}
