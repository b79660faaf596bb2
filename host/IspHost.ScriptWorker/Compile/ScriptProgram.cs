using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace IspHost.ScriptWorker.Compile;

/// <summary>A checked script as a program: one static method, with the script's functions in it and its types beside it.</summary>
/// <remarks>What a script declares outside of types becomes local, as in a program of top-level statements.</remarks>
sealed class ScriptProgram(SemanticModel model)
{
    public const string TypeName = "__Script", EntryName = "__Price";

    readonly MeteringRewriter rewriter = new(model);

    public CompilationUnitSyntax Build()
    {
        var script = (CompilationUnitSyntax)model.SyntaxTree.GetRoot();
        var statements = script.Members.Where(m => m is not BaseTypeDeclarationSyntax).Select(Statement);
        var types = script.Members.OfType<BaseTypeDeclarationSyntax>().Select(type => (MemberDeclarationSyntax)rewriter.Visit(type)!);
        var entry = MethodDeclaration(Name<Charge>(), EntryName)
            .WithModifiers([Token(SyntaxKind.PublicKeyword), Token(SyntaxKind.StaticKeyword)])
            .WithParameterList(ParameterList([Parameter(Identifier(MeteringRewriter.Item)).WithType(Name<RatingItem>())]))
            .WithBody(Block(List<StatementSyntax>([Calls.Enter, .. statements])));
        var program = ClassDeclaration(TypeName)
            .WithModifiers([Token(SyntaxKind.PublicKeyword), Token(SyntaxKind.StaticKeyword)])
            .WithMembers([entry, .. types]);
        return CompilationUnit().WithUsings([.. Usings(script)]).WithMembers([program]);
    }

    /// <summary>Where a node of the program came from.</summary>
    public static Location OriginOf(Location location, SyntaxTree script)
    {
        var node = location.SourceTree?.GetRoot().FindNode(location.SourceSpan, getInnermostNodeForTie: true);
        var origin = node?.AncestorsAndSelf().SelectMany(n => n.GetAnnotations(MeteringRewriter.Origin)).FirstOrDefault();
        var start = int.TryParse(origin?.Data, out var position) ? position : script.GetRoot().FullSpan.End;
        return Location.Create(script, new TextSpan(start, 0));
    }

    StatementSyntax Statement(MemberDeclarationSyntax member) => rewriter.Visit(member) switch
    {
        GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last }
            => ReturnStatement(last.Expression),
        GlobalStatementSyntax global => global.Statement.WithAdditionalAnnotations(global.GetAnnotations(MeteringRewriter.Origin)),
        FieldDeclarationSyntax field
            => Kept(field, LocalDeclarationStatement(Only(field.Modifiers, SyntaxKind.ConstKeyword), field.Declaration)),
        MethodDeclarationSyntax method
            => Kept(method, LocalFunctionStatement(method.ReturnType, method.Identifier)
                .WithModifiers(Only(method.Modifiers, SyntaxKind.StaticKeyword))
                .WithParameterList(method.ParameterList)
                .WithBody(method.Body)),
        _ => throw new InvalidOperationException($"A {member.Kind()} passed the rules."),
    };

    static T Kept<T>(SyntaxNode from, T to)
        where T : SyntaxNode
        => to.WithAdditionalAnnotations(from.GetAnnotations(MeteringRewriter.Origin));

    static SyntaxTokenList Only(SyntaxTokenList modifiers, SyntaxKind kind) => [.. modifiers.Where(m => m.IsKind(kind))];

    static IEnumerable<UsingDirectiveSyntax> Usings(CompilationUnitSyntax script)
        => ScriptReferences.Namespaces.Select(name => UsingDirective(ParseName(name))).Concat(script.Usings);

    static NameSyntax Name<T>() => ParseName($"global::{typeof(T).FullName}");
}
