using System.Text.Json;

namespace IspHost.Sdk.Tests;

public sealed class IdTests
{
    const string Text = "0198c0de-0000-7000-8000-000000000001";

    static readonly TenantId Id = TenantId.From(new Guid(Text));

    [Fact]
    public void Json_is_the_uuid()
    {
        Assert.Equal($"\"{Text}\"", JsonSerializer.Serialize(Id));
        Assert.Equal(Id, JsonSerializer.Deserialize<TenantId>($"\"{Text}\""));
    }

    [Fact]
    public void An_identity_can_be_a_key_of_json()
    {
        var json = JsonSerializer.Serialize(new Dictionary<TenantId, int> { [Id] = 1 });
        Assert.Equal($$"""{"{{Text}}":1}""", json);
        Assert.Equal(1, JsonSerializer.Deserialize<Dictionary<TenantId, int>>(json)![Id]);
    }

    [Theory]
    [InlineData("\"tenant\"")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Json_that_is_no_uuid_is_an_error(string json)
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<TenantId>(json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SubscriptionId>(json));
    }

    [Fact]
    public void A_new_one_sorts_behind_older_ones_in_postgres_too()
    {
        var first = CustomerId.New();
        var later = new CustomerId(Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(4_000_000_000_000)));
        Assert.True(string.CompareOrdinal($"{first}", $"{later}") < 0);
        Assert.Equal(7, first.Value.Version);
    }

    [Fact]
    public void Text_is_parsed_for_addresses()
    {
        Assert.True(NasId.TryParse(Text, null, out var nas));
        Assert.Equal(Text, $"{nas}");
        Assert.False(PlanId.TryParse("nas", null, out _));
        Assert.False(ContractVersionId.TryParse(null, null, out _));
    }
}
