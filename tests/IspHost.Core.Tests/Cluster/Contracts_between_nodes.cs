using System.Text.Json;
using IspHost.PluginRuntime;
using IspHost.Sdk;
using IspHost.Sdk.Actors;
using IspHost.Sdk.Events;
using IspHost.Sdk.Jobs;
using IspHost.Sdk.Subscribers;
using IspHost.Sdk.Tenants;
using NodaTime;
using Orleans.Serialization;

namespace IspHost.Core.Tests.Cluster;

[Collection(nameof(TwoNodes))]
public sealed class Contracts_between_nodes(TwoNodes cluster)
{
    static readonly Instant At = Instant.FromUtc(2026, 10, 25, 0, 59, 59).PlusNanoseconds(1);

    public static TheoryData<string> Names => [.. Values.Keys];

    static readonly Dictionary<string, object> Values = new()
    {
        ["identity"] = TenantId.New(),
        ["instant"] = At,
        ["date"] = new LocalDate(2024, 2, 29),
        ["money"] = new Money(-10.00m, Currency.Of("EUR")),
        ["job run"] = new JobRun { Tenant = TenantId.New(), Key = "2026-10", Argument = "ä/1" },
        ["job status"] = new JobStatus { State = JobState.Failed, Partitions = 64, PartitionsDone = 3, Error = "because" },
        ["event context"] = new EventContext { Tenant = TenantId.New(), Id = Guid.NewGuid(), At = At },
        ["access changed"] = new AccessChanged { Subscription = SubscriptionId.New(), Access = AccessMode.WalledGarden, Reason = "debt" },
        ["invoice issued"] = new InvoiceIssued
        {
            Invoice = Guid.NewGuid(),
            Customer = CustomerId.New(),
            Number = "A-1",
            Total = new Money(1.10m, Currency.Of("JPY")),
            Due = new(2026, 1, 1),
        },
        ["tenant"] = new Tenant
        {
            Id = TenantId.New(),
            Code = "acme",
            LegalName = "Acme",
            Address = ["1 Road", "Town"],
            Country = "GR",
            Currency = Currency.Of("EUR"),
            Zone = DateTimeZoneProviders.Tzdb["Europe/Athens"],
            TaxEngine = "vat",
        },
        ["envelope"] = new Envelope("radius.disconnect", 2, Enumerable.Range(0, 256).Select(i => (byte)i).ToArray()),
    };

    [Theory, MemberData(nameof(Names))]
    public void Arrive_as_they_were_sent(string name)
    {
        var bytes = cluster.First.Get<Serializer>().SerializeToArray(Values[name]);
        var arrived = cluster.Second.Get<Serializer>().Deserialize<object>(bytes);

        Assert.IsType(Values[name].GetType(), arrived);
        Assert.Equal(Json(Values[name]), Json(arrived));
    }

    [Fact]
    public void What_went_wrong_in_a_plugin_arrives_with_its_type_and_text()
    {
        var failed = new ExtensionFailedException("actor", "echo", "System.FormatException", "No digits", "(stack)");
        var unavailable = new ExtensionUnavailableException("actor", "echo", "no plugin offers it");

        Assert.Equal(failed.Message, Assert.IsType<ExtensionFailedException>(Sent(failed)).Message);
        Assert.Equal(unavailable.Message, Assert.IsType<ExtensionUnavailableException>(Sent(unavailable)).Message);
    }

    object Sent(object value)
        => cluster.Second.Get<Serializer>().Deserialize<object>(cluster.First.Get<Serializer>().SerializeToArray(value))!;

    static string Json(object value) => JsonSerializer.Serialize(value, value.GetType(), SdkJson.NewOptions());
}
