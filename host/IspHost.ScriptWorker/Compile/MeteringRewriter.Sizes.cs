using IspHost.Scripting.Shared;
using IspHost.ScriptWorker.Metering;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Texts, arrays and the base library's own loops: what a step does not show.</summary>
sealed partial class MeteringRewriter
{
    const int ReferenceBytes = 8;

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var expression = (ExpressionSyntax)base.VisitBinaryExpression(node)!;
        return node.IsKind(SyntaxKind.AddExpression) && IsMadeText(node) && !IsMadeText(node.Parent) ? Text(expression) : expression;
    }

    public override SyntaxNode? VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node)
    {
        var expression = (ExpressionSyntax)base.VisitInterpolatedStringExpression(node)!;
        return IsMadeText(node) ? Text(expression) : expression;
    }

    /// <summary><c>s += t</c> becomes <c>s = Text(s + t)</c>: the rules allow it for simple targets only.</summary>
    public override SyntaxNode? VisitAssignmentExpression(AssignmentExpressionSyntax node)
    {
        var assignment = (AssignmentExpressionSyntax)base.VisitAssignmentExpression(node)!;
        if (!node.IsKind(SyntaxKind.AddAssignmentExpression) || !IsText(model.GetTypeInfo(node).Type))
            return assignment;
        var sum = BinaryExpression(SyntaxKind.AddExpression, assignment.Left.WithoutTrivia(), ParenthesizedExpression(assignment.Right));
        return AssignmentExpression(SyntaxKind.SimpleAssignmentExpression, assignment.Left, Text(sum));
    }

    public override SyntaxNode? VisitArrayCreationExpression(ArrayCreationExpressionSyntax node)
    {
        var creation = (ArrayCreationExpressionSyntax)base.VisitArrayCreationExpression(node)!;
        var rank = creation.Type.RankSpecifiers[0];
        if (rank.Sizes is not [not OmittedArraySizeExpressionSyntax and var size])
            return creation;
        if (model.GetTypeInfo(node).Type is not IArrayTypeSymbol array)
            return creation;
        var metered = Calls.Of(nameof(Meter.Length), size, Calls.Number(Bytes(array.ElementType)));
        var ranks = creation.Type.RankSpecifiers.Replace(rank, rank.WithSizes(SingletonSeparatedList<ExpressionSyntax>(metered)));
        return creation.WithType(creation.Type.WithRankSpecifiers(ranks));
    }

    public override SyntaxNode? VisitObjectCreationExpression(ObjectCreationExpressionSyntax node)
    {
        var creation = (ObjectCreationExpressionSyntax)base.VisitObjectCreationExpression(node)!;
        return creation.ArgumentList is null ? creation : creation.WithArgumentList(Sized(node, creation.ArgumentList));
    }

    public override SyntaxNode? VisitImplicitObjectCreationExpression(ImplicitObjectCreationExpressionSyntax node)
    {
        var creation = (ImplicitObjectCreationExpressionSyntax)base.VisitImplicitObjectCreationExpression(node)!;
        return creation.WithArgumentList(Sized(node, creation.ArgumentList));
    }

    public override SyntaxNode? VisitCollectionExpression(CollectionExpressionSyntax node)
    {
        var collection = (CollectionExpressionSyntax)base.VisitCollectionExpression(node)!;
        var items = collection.Elements.OfType<ExpressionElementSyntax>().Select(e => e.Expression);
        if (model.GetTypeInfo(node).ConvertedType is not { } type || ElementOf(type) is not { } element)
            return collection;
        var initializer = InitializerExpression(SyntaxKind.ArrayInitializerExpression, SeparatedList(items));
        var array = ArrayCreationExpression(ArrayType(Name(element), [ArrayRankSpecifier([OmittedArraySizeExpression()])]), initializer);
        return type switch
        {
            IArrayTypeSymbol => array,
            { Name: "ImmutableArray" } => Calls.Of(nameof(Meter.Frozen), array),
            _ => ObjectCreationExpression(Name(type)).WithInitializer(
                InitializerExpression(SyntaxKind.CollectionInitializerExpression, SeparatedList(items))),
        };
    }

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        var call = (InvocationExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol method || method.ContainingType is not { } type)
            return call;
        if (IsLinq(type))
            return ReadDirectly(node, call);
        if (IsOwn(type) || IsNameOf(node))
            return call;
        call = WithReceiver(node, method, call).WithArgumentList(Walked(node.ArgumentList, method, call.ArgumentList));
        return IsText(method.ReturnType) && node.Expression is not MemberBindingExpressionSyntax ? Text(call) : call;
    }

    /// <summary>Within <c>a?.B().C()</c> nothing can be put around a call, so the whole is looked at.</summary>
    public override SyntaxNode? VisitConditionalAccessExpression(ConditionalAccessExpressionSyntax node)
    {
        var access = (ExpressionSyntax)base.VisitConditionalAccessExpression(node)!;
        return IsText(model.GetTypeInfo(node).Type) && node.Parent is not ConditionalAccessExpressionSyntax ? Text(access) : access;
    }

    /// <summary>LINQ over what the host hands in reads the array itself and not a box around it.</summary>
    InvocationExpressionSyntax ReadDirectly(InvocationExpressionSyntax node, InvocationExpressionSyntax call)
        => node.Expression is MemberAccessExpressionSyntax original && IsImmutableArray(original.Expression)
            && call.Expression is MemberAccessExpressionSyntax access
            ? call.WithExpression(access.WithExpression(Calls.Of(nameof(Meter.Read), access.Expression)))
            : call;

    InvocationExpressionSyntax WithReceiver(InvocationExpressionSyntax node, IMethodSymbol method, InvocationExpressionSyntax call)
    {
        if (method.IsStatic || call.Expression is not MemberAccessExpressionSyntax access || IsInConditionalAccess(node))
            return call;
        var isText = IsText(method.ContainingType);
        var isLinear = ApiList.Scripts.IsLinear(method.OriginalDefinition.GetDocumentationCommentId() ?? "");
        return isText || isLinear ? call.WithExpression(access.WithExpression(Calls.Of(nameof(Meter.On), access.Expression))) : call;
    }

    /// <summary>Widths before a text is made of them, and texts and collections before the base library walks them.</summary>
    ArgumentListSyntax Walked(ArgumentListSyntax original, IMethodSymbol method, ArgumentListSyntax list)
    {
        var isPad = IsText(method.ContainingType) && method.Name is nameof(string.PadLeft) or nameof(string.PadRight);
        var arguments = original.Arguments.Zip(list.Arguments, (before, now) =>
        {
            var type = model.GetTypeInfo(before.Expression).ConvertedType;
            if (!now.RefKindKeyword.IsKind(SyntaxKind.None) || type is null)
                return now;
            if (isPad && type.SpecialType == SpecialType.System_Int32)
                return now.WithExpression(Calls.Of(nameof(Meter.Width), now.Expression));
            var isConstant = model.GetConstantValue(before.Expression).HasValue || before.Expression is CollectionExpressionSyntax;
            return IsWalked(type) && !isConstant
                ? now.WithExpression(Calls.Of(nameof(Meter.On), now.Expression))
                : now;
        });
        return list.WithArguments(SeparatedList(arguments));
    }

    static bool IsWalked(ITypeSymbol type) => IsText(type) || type is IArrayTypeSymbol
        || type.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T;

    ArgumentListSyntax Sized(BaseObjectCreationExpressionSyntax node, ArgumentListSyntax list)
    {
        if (model.GetSymbolInfo(node).Symbol is not IMethodSymbol { ContainingType: var type } constructor)
            return list;
        var isText = IsText(type);
        var isCapacity = type.Name == "List" && constructor.Parameters is [{ Type.SpecialType: SpecialType.System_Int32 }];
        if (IsOwn(type))
            return list;
        if (isCapacity)
            return Measured(list, 0, nameof(Meter.Length), Calls.Number(Bytes(type.TypeArguments[0])));
        return isText && constructor.Parameters is [_, { Type.SpecialType: SpecialType.System_Int32 }]
            ? Measured(list, 1, nameof(Meter.Width))
            : Walked(node.ArgumentList!, constructor, list);
    }

    static ArgumentListSyntax Measured(ArgumentListSyntax list, int place, string method, params ExpressionSyntax[] more)
    {
        var argument = list.Arguments[place];
        var measured = argument.WithExpression(Calls.Of(method, [argument.Expression, .. more]));
        return list.WithArguments(list.Arguments.Replace(argument, measured));
    }

    static InvocationExpressionSyntax Text(ExpressionSyntax text) => Calls.Of(nameof(Meter.Text), text.WithoutTrivia());

    bool IsMadeText(SyntaxNode? node)
        => node is InterpolatedStringExpressionSyntax or BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression }
        && IsText(model.GetTypeInfo(node).Type) && !model.GetConstantValue(node).HasValue;

    static bool IsText(ITypeSymbol? type) => type?.SpecialType == SpecialType.System_String;

    static bool IsLinq(INamedTypeSymbol type)
        => type is { Name: "Enumerable" or nameof(SequenceNames), ContainingAssembly.Name: "IspHost.ScriptWorker" };

    bool IsImmutableArray(ExpressionSyntax expression) => model.GetTypeInfo(expression).Type is INamedTypeSymbol { Name: "ImmutableArray" };

    static bool IsNameOf(InvocationExpressionSyntax node) => node.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" };

    static bool IsInConditionalAccess(SyntaxNode node)
        => node.AncestorsAndSelf()
            .TakeWhile(n => n is ExpressionSyntax)
            .Any(n => n.Parent is ConditionalAccessExpressionSyntax access && access.WhenNotNull == n);

    static ITypeSymbol? ElementOf(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => array.ElementType,
        INamedTypeSymbol { Name: "ImmutableArray" or "List" or "HashSet", TypeArguments: [var element] } => element,
        _ => null,
    };

    TypeSyntax Name(ITypeSymbol type)
        => ParseTypeName(IsOwn(type) ? type.Name : type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat));

    bool IsOwn(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, model.Compilation.Assembly);

    static int Bytes(ITypeSymbol type) => type switch
    {
        { IsValueType: false } => ReferenceBytes,
        { SpecialType: SpecialType.System_Boolean or SpecialType.System_Byte or SpecialType.System_SByte } => 1,
        { SpecialType: SpecialType.System_Char or SpecialType.System_Int16 or SpecialType.System_UInt16 } => 2,
        { SpecialType: SpecialType.System_Int32 or SpecialType.System_UInt32 } or { TypeKind: TypeKind.Enum } => 4,
        { SpecialType: SpecialType.System_Int64 or SpecialType.System_UInt64 } => 8,
        { SpecialType: SpecialType.System_Decimal } => 16,
        _ => Math.Max(ReferenceBytes, type.GetMembers().OfType<IFieldSymbol>().Where(f => !f.IsStatic).Sum(f => Bytes(f.Type))),
    };
}
