using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxKind;

namespace IspHost.ScriptWorker.Compile;

/// <summary>What of C# a price script may be written in. Looks at the tree only: nothing has been bound yet.</summary>
sealed class SyntaxRules
{
    const int DeepestTree = 1_500;

    /// <summary>Overloads are tried for each lambda within each other: the compiler's work grows as a power of the depth.</summary>
    const int DeepestLambda = 6;

    /// <summary>Members that the runtime or the base library would call by itself, outside of the meter.</summary>
    static readonly HashSet<string> ReservedMembers = new(StringComparer.Ordinal)
    {
        "Equals", "GetHashCode", "ToString", "Finalize", "Dispose", "DisposeAsync", "MemberwiseClone", "PrintMembers", "EqualityContract",
        "GetEnumerator", "GetAsyncEnumerator", "GetAwaiter", "GetPinnableReference", "CompareTo", "Clone",
    };

    readonly List<Finding> findings = [];

    public static IReadOnlyList<Finding> Check(SyntaxNode root)
    {
        var rules = new SyntaxRules();
        foreach (var (node, depth) in WithDepth(root))
        {
            if (depth > DeepestTree)
                return [At(node.GetLocation(), Codes.Size, "The script is nested too deep.")];
            rules.Node(node);
        }

        return rules.findings;
    }

    public static Finding At(Location location, string code, string text)
    {
        var start = location.GetLineSpan().StartLinePosition;
        return new Finding(code, start.Line + 1, start.Character + 1, text);
    }

    /// <summary>Without recursion, for the depth is not known yet.</summary>
    static IEnumerable<(SyntaxNode Node, int Depth)> WithDepth(SyntaxNode root)
    {
        var open = new Stack<(SyntaxNode, int)>([(root, 0)]);
        while (open.TryPop(out var next))
        {
            yield return next;
            foreach (var child in next.Item1.ChildNodes())
                open.Push((child, next.Item2 + 1));
        }
    }

    void Node(SyntaxNode node)
    {
        if (Refused.TryGetValue(node.Kind(), out var rule))
            Add(node, rule.Code, rule.Text);
        else if (!SyntaxList.Allowed.Contains(node.Kind()))
            Add(node, Codes.Syntax, $"{node.Kind()} is not part of price scripts.");
        Tokens(node);
        Special(node);
    }

    void Tokens(SyntaxNode node)
    {
        foreach (var token in node.ChildTokens())
        {
            if (Keywords.TryGetValue(token.Kind(), out var rule))
                Add(token, rule.Code, rule.Text);
            if (token.IsKind(IdentifierToken))
                Identifier(token);
        }
    }

    void Identifier(SyntaxToken token)
    {
        if (token.Text.Contains('\\', StringComparison.Ordinal) || token.ValueText.Any(c => c > 127))
            Add(token, Codes.Characters, "Identifiers are written in plain ASCII.");
        if (token.ValueText.StartsWith("__", StringComparison.Ordinal))
            Add(token, Codes.Size, "Names that begin with two underscores are reserved.");
        if (token.ValueText == "dynamic")
            Add(token, Codes.Dynamic, "Types are known when a script is compiled: 'dynamic' is not.");
    }

    void Special(SyntaxNode node)
    {
        switch (node)
        {
            case BaseTypeDeclarationSyntax type:
                TypeDeclaration(type);
                break;
            case MemberDeclarationSyntax member:
                Member(member);
                break;
            case VariableDeclaratorSyntax { Initializer.Value: var value, Parent.Parent: var owner } when IsConst(owner):
                Constant(value);
                break;
            case InterpolationAlignmentClauseSyntax or InterpolationFormatClauseSyntax:
                FormatRules.Clause(node, findings);
                break;
            case LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 }:
                Add(node, Codes.Jump, "No using: what stops a script must not be delayed.");
                break;
            case LambdaExpressionSyntax when node.Ancestors().OfType<AnonymousFunctionExpressionSyntax>().Count() >= DeepestLambda:
                Add(node, Codes.Size, $"Lambdas are nested deeper than {DeepestLambda}.");
                break;
            case UsingDirectiveSyntax { NamespaceOrType: not NameSyntax }:
                Add(node, Codes.Syntax, "An alias names a namespace or a type.");
                break;
            case ThisExpressionSyntax when node.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>() is null:
                Add(node, Codes.Syntax, "A script has no 'this'.");
                break;
        }
    }

    void TypeDeclaration(BaseTypeDeclarationSyntax type)
    {
        if (type.BaseList is { } bases && type is not EnumDeclarationSyntax)
            Add(bases, Codes.Inheritance, "Types of a script have no base types and no interfaces.");
        if (SyntaxList.ReservedTypes.Contains(type.Identifier.ValueText))
            Add(type.Identifier, Codes.Size, $"The name {type.Identifier.ValueText} is taken.");
    }

    void Member(MemberDeclarationSyntax member)
    {
        var inType = member.Parent is BaseTypeDeclarationSyntax;
        var isStatic = member.Modifiers.Any(StaticKeyword);
        if (inType && MemberName(member) is { } name && ReservedMembers.Contains(name))
            Add(member, Codes.Inheritance, $"A script must not define {name}: others would call it.");
        if (isStatic && member is FieldDeclarationSyntax or ConstructorDeclarationSyntax)
            Add(member, Codes.StaticState, "Nothing static: a run must not see what another left behind.");
        if (isStatic && member is PropertyDeclarationSyntax property && IsAuto(property))
            Add(member, Codes.StaticState, "Nothing static: a run must not see what another left behind.");
        if (!inType && member is not (GlobalStatementSyntax or FieldDeclarationSyntax or MethodDeclarationSyntax))
            Add(member, Codes.Syntax, "Outside of types there are statements, variables and functions.");
    }

    static bool IsAuto(PropertyDeclarationSyntax property)
        => property.Initializer is not null || property.AccessorList?.Accessors.Any(a => a is { Body: null, ExpressionBody: null }) == true;

    static string? MemberName(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => method.Identifier.ValueText,
        PropertyDeclarationSyntax property => property.Identifier.ValueText,
        _ => null,
    };

    static bool IsConst(SyntaxNode? owner) => owner switch
    {
        FieldDeclarationSyntax field => field.Modifiers.Any(ConstKeyword),
        LocalDeclarationStatementSyntax local => local.IsConst,
        _ => false,
    };

    /// <summary>The compiler itself joins constant texts: doubled twelve times, they take a gigabyte before anything runs.</summary>
    void Constant(ExpressionSyntax value)
    {
        if (value is InterpolatedStringExpressionSyntax || (value is BinaryExpressionSyntax && !IsNumeric(value)))
            Add(value, Codes.Constant, "A constant text is one literal.");
    }

    static bool IsNumeric(SyntaxNode value) => value.DescendantNodesAndSelf().All(node => node.IsKind(NumericLiteralExpression)
        || node is BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or ParenthesizedExpressionSyntax);

    void Add(SyntaxNodeOrToken where, string code, string text) => findings.Add(At(where.GetLocation()!, code, text));

    static readonly Dictionary<SyntaxKind, (string Code, string Text)> Refused = new()
    {
        [UnsafeStatement] = (Codes.Unsafe, "No unsafe code."),
        [FixedStatement] = (Codes.Unsafe, "No unsafe code."),
        [PointerType] = (Codes.Unsafe, "No pointers."),
        [FunctionPointerType] = (Codes.Unsafe, "No pointers."),
        [AddressOfExpression] = (Codes.Unsafe, "No pointers."),
        [PointerIndirectionExpression] = (Codes.Unsafe, "No pointers."),
        [PointerMemberAccessExpression] = (Codes.Unsafe, "No pointers."),
        [SizeOfExpression] = (Codes.Unsafe, "No sizes in memory."),
        [StackAllocArrayCreationExpression] = (Codes.Unsafe, "No stackalloc."),
        [ImplicitStackAllocArrayCreationExpression] = (Codes.Unsafe, "No stackalloc."),
        [ExternAliasDirective] = (Codes.Extern, "No extern."),
        [AwaitExpression] = (Codes.Await, "A price is computed at once: no await."),
        [LockStatement] = (Codes.Await, "A script has one thread: no lock."),
        [AttributeList] = (Codes.Attribute, "No attributes."),
        [DestructorDeclaration] = (Codes.Finalizer, "No finalizers."),
        [TryStatement] = (Codes.Jump, "No try: what stops a script must not be caught."),
        [UsingStatement] = (Codes.Jump, "No using: what stops a script must not be delayed."),
        [GotoStatement] = (Codes.Jump, "No goto."),
        [GotoCaseStatement] = (Codes.Jump, "No goto."),
        [GotoDefaultStatement] = (Codes.Jump, "No goto."),
        [LabeledStatement] = (Codes.Jump, "No labels."),
        [TypeOfExpression] = (Codes.Api, "System.Type is not available to scripts."),
        [TypeParameterList] = (Codes.Growing, "Functions and types of a script have no type parameters: they could grow without end."),
        [NamespaceDeclaration] = (Codes.Size, "No namespaces."),
        [FileScopedNamespaceDeclaration] = (Codes.Size, "No namespaces."),
        [MakeRefExpression] = (Codes.Syntax, "No hidden keywords."),
        [RefTypeExpression] = (Codes.Syntax, "No hidden keywords."),
        [RefValueExpression] = (Codes.Syntax, "No hidden keywords."),
        [ArgListKeyword] = (Codes.Syntax, "No hidden keywords."),
    };

    static readonly Dictionary<SyntaxKind, (string Code, string Text)> Keywords = new()
    {
        [UnsafeKeyword] = (Codes.Unsafe, "No unsafe code."),
        [ExternKeyword] = (Codes.Extern, "No extern."),
        [AsyncKeyword] = (Codes.Await, "A price is computed at once: no async."),
        [AwaitKeyword] = (Codes.Await, "A price is computed at once: no await."),
        [VolatileKeyword] = (Codes.Await, "A script has one thread: no volatile."),
        [OverrideKeyword] = (Codes.Inheritance, "No override: others would call it, outside of the meter."),
        [VirtualKeyword] = (Codes.Inheritance, "Types of a script are not derived from."),
        [AbstractKeyword] = (Codes.Inheritance, "Types of a script are not derived from."),
        [DoubleKeyword] = (Codes.Undetermined, "double is inexact: use decimal."),
        [FloatKeyword] = (Codes.Undetermined, "float is inexact: use decimal."),
        [ObjectKeyword] = (Codes.Api, "System.Object is not available to scripts: use the type itself."),
        [ArgListKeyword] = (Codes.Syntax, "No hidden keywords."),
        [RefKeyword] = (Codes.Syntax, "No references to variables, but for out."),
        [GlobalKeyword] = (Codes.Syntax, "No global directives."),
        [FileKeyword] = (Codes.Syntax, "No file types."),
        [PartialKeyword] = (Codes.Syntax, "No partial types."),
    };
}
