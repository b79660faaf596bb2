using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace IspHost.Testing;

/// <summary>On a class of tests, or on a collection's definition: it is begun before others, so that at the end nobody waits for it alone.
/// </summary>
/// <remarks>It is looked at in assemblies with <c>[assembly: TestCollectionOrderer(typeof(LongestFirst))]</c>.</remarks>
[AttributeUsage(AttributeTargets.Class)]
public sealed class TakesLongAttribute : Attribute;

/// <summary>What takes long comes first, and beyond that the order is a different one each time.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection
        => [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderByDescending(TakesLong)];

    static bool TakesLong<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
        => collection is IXunitTestCollection { TestAssembly.Assembly: var assembly }
            && assembly.GetTypes().Any(type => type.GetCustomAttribute<TakesLongAttribute>() is not null
                && collection.TestCollectionDisplayName.Contains(type.FullName!, StringComparison.Ordinal));
}
