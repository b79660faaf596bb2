using System.Text.Json;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Microsoft.EntityFrameworkCore.Metadata.Conventions;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace IspHost.Core.Database;

/// <summary>Stores enums as the words that the API uses: <c>walled_garden</c>. A constraint of the table says which are allowed.</summary>
sealed class EnumsAsText : IModelFinalizingConvention
{
    public void ProcessModelFinalizing(IConventionModelBuilder modelBuilder, IConventionContext<IConventionModelBuilder> context)
    {
        foreach (var property in modelBuilder.Metadata.GetEntityTypes().SelectMany(entity => entity.GetDeclaredProperties()))
        {
            var type = Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType;
            if (type.IsEnum)
                property.Builder.HasConversion((ValueConverter)Activator.CreateInstance(typeof(SnakeCase<>).MakeGenericType(type))!);
        }
    }

    sealed class SnakeCase<TEnum>() : ValueConverter<TEnum, string>(value => Write(value), text => Read(text)) where TEnum : struct, Enum
    {
        static readonly Dictionary<TEnum, string> Words =
            Enum.GetValues<TEnum>().ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

        static readonly Dictionary<string, TEnum> Values = Words.ToDictionary(word => word.Value, word => word.Key);

        static string Write(TEnum value) => Words[value];

        static TEnum Read(string text) => Values[text];
    }
}
