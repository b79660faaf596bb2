using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace IspHost.Server.Tests;

/// <summary>A record that is logged, or put into a message, shows what it has: what is secret must not be among it.</summary>
public sealed partial class Secrets_in_records
{
    const string Secret = "hush-hush";

    public static TheoryData<Type> Records
        => [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(file => Path.GetFileName(file).StartsWith("IspHost", StringComparison.OrdinalIgnoreCase))
            .Where(file => !file.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Select(Assembly.LoadFrom)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(IsRecordWithSecrets)];

    [Theory, MemberData(nameof(Records))]
    public void Are_not_shown_by_their_text(Type record)
    {
        var filled = RuntimeHelpers.GetUninitializedObject(record);
        foreach (var secret in SecretsOf(record))
            secret.SetValue(filled, Secret);

        Assert.DoesNotContain(Secret, filled.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Are_looked_for_in_more_than_a_few_records() => Assert.True(Records.Count >= 5);

    static bool IsRecordWithSecrets(Type type)
        => type is { IsAbstract: false, ContainsGenericParameters: false }
            && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null
            && SecretsOf(type).Any();

    static IEnumerable<FieldInfo> SecretsOf(Type type)
        => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(field => field.FieldType == typeof(string) && Name().IsMatch(field.Name));

    [GeneratedRegex("Secret|Password|Connection|Token|OperatorKey", RegexOptions.IgnoreCase)]
    private static partial Regex Name();
}
