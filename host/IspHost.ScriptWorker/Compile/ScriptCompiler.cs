using IspHost.Scripting.Shared;
using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.ScriptWorker.Compile;

/// <summary>From a source to an image, or to the reasons why not.</summary>
/// <remarks>
/// Each step sees only what the one before let through: scan, parse, syntax, bind, symbols, rewrite, emit. The script is bound
/// in C#'s script dialect; what is emitted is the same code in one static method, which costs half of what a submission does.
/// </remarks>
sealed class ScriptCompiler(CompileBounds bounds)
{
    static readonly CSharpParseOptions Dialect = new(LanguageVersion.CSharp14, DocumentationMode.None, SourceCodeKind.Script);

    static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, checkOverflow: true, allowUnsafe: false,
        deterministic: true, concurrentBuild: false, warningLevel: 0);

    public CompileResult Compile(string source)
    {
        if (new SourceScan(source, bounds).Find() is { } finding)
            return new([finding]);
        var tree = CSharpSyntaxTree.ParseText(source, Dialect);
        if (SyntaxRules.Check(tree.GetRoot()) is { Count: > 0 } refused)
            return new(refused);
        return Errors(tree.GetDiagnostics()) is { Count: > 0 } errors ? new(errors) : Bind(LinqUsings.Replace(tree));
    }

    static CompileResult Bind(SyntaxTree tree)
    {
        var script = CSharpCompilation.CreateScriptCompilation(
            "IspHost.Script", tree, ScriptReferences.All, Options.WithUsings(ScriptReferences.Namespaces),
            returnType: typeof(Charge), globalsType: typeof(RatingItem));
        var model = script.GetSemanticModel(tree);
        var (refused, members) = SymbolRules.Check(model);
        if (refused.Count > 0)
            return new(refused);
        if (Errors(script.GetDiagnostics()) is { Count: > 0 } errors)
            return new(errors);
        return Emit(tree, new ScriptProgram(model).Build(), members);
    }

    static CompileResult Emit(SyntaxTree script, CompilationUnitSyntax program, ItemMembers members)
    {
        var tree = CSharpSyntaxTree.Create(program, Dialect.WithKind(SourceCodeKind.Regular));
        var compilation = CSharpCompilation.Create("IspHost.Script", [tree], ScriptReferences.All, Options);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        return result.Success
            ? new([]) { Image = ImageFile.Write(members, image.GetBuffer().AsSpan(0, (int)image.Length)) }
            : new(Errors(result.Diagnostics, error => ScriptProgram.OriginOf(error.Location, script)));
    }

    static List<Finding> Errors(IEnumerable<Diagnostic> diagnostics, Func<Diagnostic, Location>? origin = null)
        => [.. diagnostics
            .Where(d => d.Severity == DiagnosticSeverity.Error)
            .Select(d => CompilerErrors.Of(d, origin?.Invoke(d) ?? d.Location))];
}

/// <summary>An image, or findings.</summary>
sealed record CompileResult
{
    const int MostFindings = 20;

    public CompileResult(IReadOnlyList<Finding> findings) => Findings = [.. findings.Distinct().Order().Take(MostFindings)];

    public IReadOnlyList<Finding> Findings { get; }

    public byte[]? Image { get; init; }
}
