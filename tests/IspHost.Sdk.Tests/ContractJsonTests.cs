using System.Text.Json;
using IspHost.Sdk.Contracts;

namespace IspHost.Sdk.Tests;

public sealed class ContractJsonTests
{
    [Fact]
    public void The_rate_of_usage_is_a_string_like_all_decimals()
    {
        var json = JsonSerializer.Serialize(new UsageTerms { Rule = "linear", Rate = 0.12345678m }, SdkJson.NewOptions());
        Assert.Contains("\"rate\":\"0.12345678\"", json, StringComparison.Ordinal);
        Assert.Equal(0.12345678m, JsonSerializer.Deserialize<UsageTerms>(json, SdkJson.NewOptions())!.Rate);
    }
}
