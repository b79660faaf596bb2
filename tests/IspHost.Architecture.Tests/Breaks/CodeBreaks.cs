using IspHost.Architecture.Tests.Rules;
using IspHost.Architecture.Tests.Trees;

namespace IspHost.Architecture.Tests.Breaks;

static class CodeBreaks
{
    const string File = "host/IspHost.Core/Customers/Customer.cs";

    public static IReadOnlyList<Break> All { get; } =
    [
        new(Code.Files, Source(Repeat("// A line.\n", 401)), $"{File} has 401 lines"),
        new(Code.Columns, Source($"// {Repeat("x", 138)}\n"), $"{File}:1 has 141 columns"),
        new(Code.Methods,
            Source($"sealed class Customer\n{{\n    void Suspend()\n    {{\n{Repeat("        Wait();\n", 68)}    }}\n}}\n"),
            $"{File}:3 has a method of 71 lines"),
        new(Code.Names, Source("sealed class CustomerManager;\n"), $"{File}:1 declares CustomerManager"),
        new(Code.Names, Source("sealed record CustomerDto;\n"), $"{File}:1 declares CustomerDto"),
        new(Code.Names, Source("\nsealed class CustomerService;\n"), $"{File}:2 declares CustomerService"),
        new(Code.Constructs, Source("#region State\n#endregion\nsealed class Customer;\n"), $"{File}:1 has a region"),
        new(Code.Constructs, Source("#nullable disable\nsealed class Customer;\n"), $"{File}:1 has a #nullable disable"),
        new(Code.Constructs, Source("sealed class Customer { async void Suspend() { } }\n"), $"{File}:1 has an async void"),
    ];

    static Tree Source(string text) => SmallTree.InOrder.With(File, text);

    static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
