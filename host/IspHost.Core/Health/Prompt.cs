using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IspHost.Core.Health;

/// <summary>A check that always answers soon, and is asked once at a time: whatever hangs does not gather a crowd.</summary>
sealed class Prompt<T>(T check, TimeProvider time) : IHealthCheck where T : class, IHealthCheck
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    Task<HealthCheckResult> running = Task.FromResult(default(HealthCheckResult));

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        if (running.IsCompleted)
            running = check.CheckHealthAsync(context, CancellationToken.None);
        try
        {
            return await running.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "does not answer");
        }
    }
}
