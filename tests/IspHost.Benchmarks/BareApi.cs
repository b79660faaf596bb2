using System.Diagnostics;
using System.Globalization;
using IspHost.Core.Audit;
using IspHost.Core.Customers;
using IspHost.Core.Database;
using IspHost.Core.Hosting;
using IspHost.Core.Tenants;
using IspHost.Core.Web;
using IspHost.Sdk;
using IspHost.Sdk.Data;
using IspHost.Sdk.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace IspHost.Benchmarks;

/// <summary>The least that reads and writes customers: the queries of the API and their answers, in a process of its own.</summary>
sealed class BareApi : IAsyncDisposable
{
    /// <summary>The argument by which this program becomes one.</summary>
    public const string Argument = "bare-api";

    readonly Process process;

    BareApi(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    public static async Task<BareApi> StartAsync(string connection, string tenant)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BareApi).Assembly.Location, Argument, tenant])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            Environment = { ["ISPHOST_CONNECTION"] = connection },
        };
        var api = new BareApi(Process.Start(start)!);
        var line = await api.process.StandardOutput.ReadLineAsync();
        api.Address = new Uri(line ?? throw new InvalidOperationException("The bare API did not start."));
        return api;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Serves until the standard input ends.</summary>
    public static async Task ServeAsync(string code)
    {
        await using var connections = await HostConnections.OpenAsync(
            Environment.GetEnvironmentVariable("ISPHOST_CONNECTION")!, CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IDatabase>(connections).AddSingleton(connections).AddSingleton<IClock>(SystemClock.Instance);
        builder.Services.AddDatabase();
        builder.Services.AddApiJson();
        await using var app = builder.Build();
        await using var host = await app.Services.GetRequiredService<IDbContextFactory<HostDb>>().CreateDbContextAsync();
        var tenant = await host.Tenants.Where(known => known.Code == code).Select(known => known.Id).SingleAsync();
        Map(app, tenant, code);
        await app.StartAsync();
        Console.WriteLine(app.Urls.Single().ToString(CultureInfo.InvariantCulture));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    static void Map(WebApplication app, TenantId tenant, string code)
    {
        app.MapGet("/api/v1/customers/{id}", async (CustomerId id, TenantDatabase<IspDb> database, CancellationToken stop) =>
        {
            DatabaseLanes.Current = DatabaseLane.Requests;
            await using var db = database.Open(tenant);
            var customer = await db.Customers.AsNoTracking().SingleAsync(customer => customer.Id == id, stop);
            return TypedResults.Ok(customer.AsContract());
        });
        app.MapGet("/api/v1/customers", async (int limit, TenantDatabase<IspDb> database, CancellationToken stop) =>
        {
            DatabaseLanes.Current = DatabaseLane.Requests;
            await using var db = database.Open(tenant);
            var rows = await db.Customers.AsNoTracking().OrderBy(customer => customer.PortalId).Take(limit + 1).ToListAsync(stop);
            return TypedResults.Ok(
                Page.Of(rows, limit, row => Cursor.Of("customers", row.PortalId)).Select(row => row.AsContract()));
        });
        app.MapPost("/api/v1/customers", (CustomerDetails request, TenantDatabase<IspDb> database, CancellationToken stop) =>
        {
            DatabaseLanes.Current = DatabaseLane.Requests;
            return database.InTransactionAsync(tenant, async (db, token) =>
            {
                var now = SystemClock.Instance.GetCurrentInstant();
                var number = await PortalId.DrawAsync(db, tenant, 1, token);
                var added = request.ToCustomer(PortalId.Format(code, number), "GR", now.InUtc().Date);
                db.Customers.Add(added);
                db.Audit(new Caller(tenant, "bare", now), "customer.register", $"customer/{added.Id}");
                await db.SaveChangesAsync(token);
                return TypedResults.Created($"/api/v1/customers/{added.Id}", added.AsContract());
            }, stop);
        });
    }
}
