using System.Diagnostics;
using Npgsql;

namespace IspHost.Plugins.Billing.Tests;

/// <summary>Cuts all connections of the plugin before a certain statement and all after it, as a kill of the process would.</summary>
/// <remarks>Npgsql starts an activity for each statement: that is where the cut is made, and only for the work under test.</remarks>
sealed class CrashAfter : IDisposable
{
    readonly AsyncLocal<Plan?> plan = new();
    readonly ActivityListener listener;

    public CrashAfter()
    {
        listener = new()
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => plan.Value?.Count(),
        };
        ActivitySource.AddActivityListener(listener);
    }

    /// <summary>Runs the work and crashes it before statement number <paramref name="statement"/>.</summary>
    /// <returns>False if the work came to its end before that.</returns>
    public async Task<bool> AtAsync(BillingWorld world, int statement, Func<Task> work)
    {
        try
        {
            plan.Value = new(world.Database.OwnerConnection, statement);
            await work();
            return false;
        }
        catch (NpgsqlException) when (plan.Value!.HasCrashed)
        {
            return true;
        }
        finally
        {
            plan.Value = null;
        }
    }

    public void Dispose() => listener.Dispose();

    sealed class Plan(string owner, int statement)
    {
        int left = statement;
        bool isCutting;

        public bool HasCrashed { get; private set; }

        public void Count()
        {
            if (isCutting || --left > 0)
                return;
            isCutting = true; // Its own statement counts, too.
            using var source = NpgsqlDataSource.Create(owner);
            using var command = source.CreateCommand("""
                select count(pg_terminate_backend(pid)) from pg_stat_activity
                where datname = current_database() and pid <> pg_backend_pid() and usename like 'isphost%billing'
                """);
            HasCrashed |= command.ExecuteScalar() is > 0L;
            isCutting = false;
        }
    }
}
