using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IspHost.Core.Web.Contract;
using IspHost.Sdk;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;

namespace IspHost.Core.Web;

/// <summary>The JSON of the API.</summary>
static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = NewOptions();

    /// <summary>Makes the options that the framework owns write it, in the host's container or a plugin's.</summary>
    public static IServiceCollection AddApiJson(this IServiceCollection services)
        => services
            .Configure<JsonOptions>(json => Apply(json.SerializerOptions))
            // After plugins have put their generated contexts first.
            .PostConfigure<JsonOptions>(json => Tighten(json.SerializerOptions));

    static JsonSerializerOptions NewOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        Apply(options);
        Tighten(options);
        return options;
    }

    static void Apply(JsonSerializerOptions options)
    {
        var platform = SdkJson.NewOptions();
        options.PropertyNamingPolicy = platform.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.DefaultIgnoreCondition = platform.DefaultIgnoreCondition;
        options.Converters.Clear();
        foreach (var converter in platform.Converters)
            options.Converters.Add(converter);
        options.Converters.Add(new Amounts.Rate());
    }

    static void Tighten(JsonSerializerOptions options)
        => options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver())
            .WithAddedModifier(ContractJson.Tighten).WithAddedModifier(Amounts.Write);
}
