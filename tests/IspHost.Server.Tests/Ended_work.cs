using IspHost.Server.Serving;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IspHost.Server.Tests;

public sealed class Ended_work
{
    [Fact]
    public async Task That_nobody_stopped_is_told_so_that_the_process_does_not_end_as_if_all_were_well()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddHostedService<Fails>();
        using var host = builder.Build();

        await host.StartAsync(TestContext.Current.CancellationToken);
        await host.WaitForShutdownAsync(TestContext.Current.CancellationToken);

        Assert.Equal("The server stopped because Fails failed: No more.", EndedWork.In(host.Services));
    }

    sealed class Fails : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => throw new InvalidOperationException("No more.");
    }
}
