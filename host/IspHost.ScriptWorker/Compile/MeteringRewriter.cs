using IspHost.Sdk.Rating;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Puts the meter into a checked script: a step at each loop, a step and a look at the stack in each function.</summary>
/// <remarks>
/// It builds a tree and no text, so nothing in a script can end up outside of the place it stood in. Where a statement came
/// from is kept as an annotation, for the rare error that only the rewritten form has.
/// </remarks>
sealed partial class MeteringRewriter(SemanticModel model) : CSharpSyntaxRewriter
{
    public const string Item = "__item";
    public const string Origin = "origin";

    public override SyntaxNode? Visit(SyntaxNode? node)
    {
        var rewritten = base.Visit(node);
        return node is StatementSyntax or MemberDeclarationSyntax && rewritten is not null
            ? rewritten.WithAdditionalAnnotations(new SyntaxAnnotation(Origin, $"{node.SpanStart}"))
            : rewritten;
    }

    public override SyntaxNode? VisitForStatement(ForStatementSyntax node)
        => ((ForStatementSyntax)base.VisitForStatement(node)!) is var loop ? loop.WithStatement(Ticked(loop.Statement)) : null;

    public override SyntaxNode? VisitWhileStatement(WhileStatementSyntax node)
        => ((WhileStatementSyntax)base.VisitWhileStatement(node)!) is var loop ? loop.WithStatement(Ticked(loop.Statement)) : null;

    public override SyntaxNode? VisitDoStatement(DoStatementSyntax node)
        => ((DoStatementSyntax)base.VisitDoStatement(node)!) is var loop ? loop.WithStatement(Ticked(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachStatement(ForEachStatementSyntax node)
        => ((ForEachStatementSyntax)base.VisitForEachStatement(node)!) is var loop ? loop.WithStatement(Ticked(loop.Statement)) : null;

    public override SyntaxNode? VisitForEachVariableStatement(ForEachVariableStatementSyntax node)
        => ((ForEachVariableStatementSyntax)base.VisitForEachVariableStatement(node)!) is var loop
            ? loop.WithStatement(Ticked(loop.Statement))
            : null;

    public override SyntaxNode? VisitLocalFunctionStatement(LocalFunctionStatementSyntax node)
    {
        var function = (LocalFunctionStatementSyntax)base.VisitLocalFunctionStatement(node)!;
        return function
            .WithBody(Body(function.Body, function.ExpressionBody, IsVoid(node.ReturnType)))
            .WithExpressionBody(null).WithSemicolonToken(default);
    }

    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node)
    {
        var method = (MethodDeclarationSyntax)base.VisitMethodDeclaration(node)!;
        return method
            .WithBody(Body(method.Body, method.ExpressionBody, IsVoid(node.ReturnType)))
            .WithExpressionBody(null).WithSemicolonToken(default);
    }

    public override SyntaxNode? VisitOperatorDeclaration(OperatorDeclarationSyntax node)
    {
        var method = (OperatorDeclarationSyntax)base.VisitOperatorDeclaration(node)!;
        return method
            .WithBody(Body(method.Body, method.ExpressionBody, IsVoid(node.ReturnType)))
            .WithExpressionBody(null).WithSemicolonToken(default);
    }

    public override SyntaxNode? VisitConversionOperatorDeclaration(ConversionOperatorDeclarationSyntax node)
    {
        var method = (ConversionOperatorDeclarationSyntax)base.VisitConversionOperatorDeclaration(node)!;
        return method.WithBody(Body(method.Body, method.ExpressionBody, false)).WithExpressionBody(null).WithSemicolonToken(default);
    }

    public override SyntaxNode? VisitConstructorDeclaration(ConstructorDeclarationSyntax node)
    {
        var method = (ConstructorDeclarationSyntax)base.VisitConstructorDeclaration(node)!;
        return method.WithBody(Body(method.Body, method.ExpressionBody, true)).WithExpressionBody(null).WithSemicolonToken(default);
    }

    /// <summary>Arguments for another constructor are made before this one's body, so before its first step.</summary>
    public override SyntaxNode? VisitConstructorInitializer(ConstructorInitializerSyntax node)
    {
        var initializer = (ConstructorInitializerSyntax)base.VisitConstructorInitializer(node)!;
        var arguments = initializer.ArgumentList.Arguments
            .Select(a => a.RefKindKeyword.IsKind(SyntaxKind.None) && a.Expression is not LiteralExpressionSyntax
                ? a.WithExpression(Calls.Checked(a.Expression))
                : a);
        return initializer.WithArgumentList(initializer.ArgumentList.WithArguments(SeparatedList(arguments)));
    }

    public override SyntaxNode? VisitAccessorDeclaration(AccessorDeclarationSyntax node)
    {
        var accessor = (AccessorDeclarationSyntax)base.VisitAccessorDeclaration(node)!;
        if (accessor is { Body: null, ExpressionBody: null })
            return accessor;
        return accessor
            .WithBody(Body(accessor.Body, accessor.ExpressionBody, !node.IsKind(SyntaxKind.GetAccessorDeclaration)))
            .WithExpressionBody(null).WithSemicolonToken(default);
    }

    public override SyntaxNode? VisitPropertyDeclaration(PropertyDeclarationSyntax node)
    {
        var property = (PropertyDeclarationSyntax)base.VisitPropertyDeclaration(node)!;
        if (property.ExpressionBody is { } body)
            return property.WithAccessorList(Getter(body)).WithExpressionBody(null).WithSemicolonToken(default);
        return property.Initializer is { } initializer ? property.WithInitializer(Initial(initializer)) : property;
    }

    public override SyntaxNode? VisitIndexerDeclaration(IndexerDeclarationSyntax node)
    {
        var indexer = (IndexerDeclarationSyntax)base.VisitIndexerDeclaration(node)!;
        return indexer.ExpressionBody is { } body
            ? indexer.WithAccessorList(Getter(body)).WithExpressionBody(null).WithSemicolonToken(default)
            : indexer;
    }

    public override SyntaxNode? VisitVariableDeclarator(VariableDeclaratorSyntax node)
    {
        var variable = (VariableDeclaratorSyntax)base.VisitVariableDeclarator(node)!;
        var isField = node.Parent?.Parent is FieldDeclarationSyntax { Parent: TypeDeclarationSyntax } field
            && !field.Modifiers.Any(SyntaxKind.ConstKeyword);
        return isField && variable.Initializer is { } initializer ? variable.WithInitializer(Initial(initializer)) : variable;
    }

    public override SyntaxNode? VisitSimpleLambdaExpression(SimpleLambdaExpressionSyntax node)
        => Lambda(node, (LambdaExpressionSyntax)base.VisitSimpleLambdaExpression(node)!);

    public override SyntaxNode? VisitParenthesizedLambdaExpression(ParenthesizedLambdaExpressionSyntax node)
        => Lambda(node, (LambdaExpressionSyntax)base.VisitParenthesizedLambdaExpression(node)!);

    public override SyntaxNode? VisitAnonymousMethodExpression(AnonymousMethodExpressionSyntax node)
        => ((AnonymousMethodExpressionSyntax)base.VisitAnonymousMethodExpression(node)!) is var method
            ? method.WithBlock(Entered(method.Block))
            : null;

    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node)
    {
        var isName = node.Parent is MemberAccessExpressionSyntax access && access.Name == node;
        if (isName || model.GetSymbolInfo(node).Symbol is not IPropertySymbol { ContainingType.Name: nameof(RatingItem) })
            return base.VisitIdentifierName(node);
        return MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, IdentifierName(Item), node.WithoutTrivia());
    }

    LambdaExpressionSyntax Lambda(LambdaExpressionSyntax original, LambdaExpressionSyntax lambda)
    {
        if (lambda.Block is { } block)
            return lambda.WithBlock(Entered(block));
        var returnsNothing = model.GetSymbolInfo(original).Symbol is IMethodSymbol { ReturnsVoid: true };
        return lambda.WithExpressionBody(null).WithBlock(Block(Calls.Enter, Statement(lambda.ExpressionBody!, returnsNothing)));
    }

    static BlockSyntax? Body(BlockSyntax? block, ArrowExpressionClauseSyntax? arrow, bool returnsNothing)
        => block is not null ? Entered(block) : arrow is null ? null : Block(Calls.Enter, Statement(arrow.Expression, returnsNothing));

    static AccessorListSyntax Getter(ArrowExpressionClauseSyntax body)
        => AccessorList([AccessorDeclaration(SyntaxKind.GetAccessorDeclaration, Block(Calls.Enter, Statement(body.Expression, false)))]);

    static StatementSyntax Statement(ExpressionSyntax expression, bool returnsNothing) => expression switch
    {
        ThrowExpressionSyntax thrown => ThrowStatement(thrown.Expression),
        _ when returnsNothing => ExpressionStatement(expression),
        _ => ReturnStatement(expression),
    };

    /// <summary>Types can make each other in their initializers, where no statement can stand.</summary>
    static EqualsValueClauseSyntax Initial(EqualsValueClauseSyntax initializer)
        => initializer.Value is LiteralExpressionSyntax ? initializer : initializer.WithValue(Calls.Checked(initializer.Value));

    static BlockSyntax Entered(BlockSyntax block) => block.WithStatements(block.Statements.Insert(0, Calls.Enter));

    static BlockSyntax Ticked(StatementSyntax body) => Block(Calls.Tick, body);

    static bool IsVoid(TypeSyntax type) => type is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };
}
