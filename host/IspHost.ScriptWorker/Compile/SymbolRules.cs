using IspHost.Scripting.Shared;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Asks of everything a bound script means, by name or by implication, whether the list allows it.</summary>
/// <remarks>Where binding failed, all candidates are asked about, so that an error cannot hide what was meant.</remarks>
sealed class SymbolRules
{
    readonly SemanticModel model;
    readonly SymbolPermission permission;
    readonly List<Finding> findings = [];

    SymbolRules(SemanticModel model) => (this.model, permission) = (model, new SymbolPermission(model.Compilation.Assembly));

    public static (IReadOnlyList<Finding> Findings, ItemMembers Members) Check(SemanticModel model)
    {
        var rules = new SymbolRules(model);
        foreach (var node in model.SyntaxTree.GetRoot().DescendantNodes())
            rules.Node(node);
        return (rules.findings, rules.permission.Members);
    }

    void Node(SyntaxNode node)
    {
        switch (node)
        {
            case ExpressionSyntax expression:
                Expression(expression);
                break;
            case PatternSyntax pattern:
                Pattern(pattern);
                break;
            case CommonForEachStatementSyntax loop:
                Deconstruction(loop, loop is ForEachVariableStatementSyntax each ? model.GetDeconstructionInfo(each) : default);
                break;
            case QueryClauseSyntax clause:
                Symbols(clause, model.GetQueryClauseInfo(clause).OperationInfo);
                Symbols(clause, model.GetQueryClauseInfo(clause).CastInfo);
                break;
            case OrderingSyntax or SelectOrGroupClauseSyntax or ConstructorInitializerSyntax:
                Symbols(node, model.GetSymbolInfo(node));
                break;
            case ParameterSyntax parameter when model.GetDeclaredSymbol(parameter) is { } declared:
                Type(parameter, declared.Type);
                break;
            case BaseTypeDeclarationSyntax declaration when model.GetDeclaredSymbol(declaration) is { } type:
                Declared(declaration, type);
                break;
        }
    }

    void Expression(ExpressionSyntax expression)
    {
        // A call or an access is asked about at its name.
        if (expression is not (InvocationExpressionSyntax or MemberAccessExpressionSyntax))
            Symbols(expression, model.GetSymbolInfo(expression));
        Special(expression);
        if (expression is ParenthesizedExpressionSyntax || IsNamespaceOrType(expression) || IsNameOfAccess(expression))
            return;
        var (type, converted) = (model.GetTypeInfo(expression).Type, model.GetTypeInfo(expression).ConvertedType);
        Type(expression, type);
        if (!IsReadAsObject(expression))
            Type(expression, converted);
        if (model.GetConversion(expression).MethodSymbol is { } conversion)
            Symbol(expression, conversion);
    }

    /// <summary>The type that a name stands for is asked about as a symbol; it need not be one that values may have.</summary>
    bool IsNamespaceOrType(ExpressionSyntax expression) => model.GetSymbolInfo(expression).Symbol is INamespaceOrTypeSymbol;

    static bool IsNameOfAccess(ExpressionSyntax expression)
        => expression.Parent is MemberAccessExpressionSyntax access && access.Name == expression;

    /// <summary>The compiler joins texts, compares references and walks arrays as if through interfaces, and then does not.</summary>
    static bool IsReadAsObject(ExpressionSyntax expression) => expression.Parent switch
    {
        InterpolationSyntax => true,
        CommonForEachStatementSyntax loop => loop.Expression == expression,
        BinaryExpressionSyntax binary => binary.Kind() is SyntaxKind.AddExpression or SyntaxKind.EqualsExpression
            or SyntaxKind.NotEqualsExpression,
        AssignmentExpressionSyntax assignment => assignment.IsKind(SyntaxKind.AddAssignmentExpression) && assignment.Right == expression,
        _ => false,
    };

    void Special(ExpressionSyntax expression)
    {
        switch (expression)
        {
            case AssignmentExpressionSyntax assignment:
                Deconstruction(assignment, model.GetDeconstructionInfo(assignment));
                Written(assignment);
                break;
            case InvocationExpressionSyntax call when model.GetSymbolInfo(call).Symbol is IMethodSymbol method:
                Formats(call, method);
                break;
            case InitializerExpressionSyntax { RawKind: (int)SyntaxKind.CollectionInitializerExpression } initializer:
                foreach (var element in initializer.Expressions)
                    Symbols(element, model.GetCollectionInitializerSymbolInfo(element));
                break;
            case CastExpressionSyntax cast:
                Narrowed(cast, model.GetTypeInfo(cast.Expression).Type, model.GetTypeInfo(cast.Type).Type);
                break;
            case BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AsExpression or (int)SyntaxKind.IsExpression } test:
                Narrowed(test, model.GetTypeInfo(test.Left).Type, model.GetTypeInfo(test.Right).Type);
                break;
        }
    }

    void Pattern(PatternSyntax pattern)
    {
        if (model.GetOperation(pattern) is IPatternOperation operation)
        {
            Type(pattern, operation.NarrowedType);
            if (pattern is DeclarationPatternSyntax or TypePatternSyntax or RecursivePatternSyntax { Type: not null })
                Narrowed(pattern, operation.InputType, operation.NarrowedType);
            if (operation is IRecursivePatternOperation { DeconstructSymbol: { } deconstruct })
                Symbol(pattern, deconstruct);
        }
    }

    void Deconstruction(SyntaxNode node, DeconstructionInfo info)
    {
        if (info.Method is { } method)
            Symbol(node, method);
        foreach (var nested in info.Nested)
            Deconstruction(node, nested);
    }

    void Written(AssignmentExpressionSyntax assignment)
    {
        var target = assignment.Left;
        var isText = model.GetTypeInfo(target).Type?.SpecialType == SpecialType.System_String;
        if (isText && assignment.IsKind(SyntaxKind.AddAssignmentExpression) && target is not IdentifierNameSyntax)
            Add(assignment, Codes.Syntax, "Texts are joined in variables: write x[i] = x[i] + y.");
        if (model.GetSymbolInfo(target).Symbol is IPropertySymbol symbol && SymbolPermission.IsOfHost(symbol))
            Add(target, Codes.HostWrite, $"{symbol.Name} is what the host says and cannot be changed.");
    }

    void Formats(InvocationExpressionSyntax call, IMethodSymbol method)
    {
        for (var i = 0; i < method.Parameters.Length; i++)
        {
            if (method.Parameters[i] is not { Name: "format", Type.SpecialType: SpecialType.System_String })
                continue;
            var argument = call.ArgumentList.Arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText == "format")
                ?? call.ArgumentList.Arguments.ElementAtOrDefault(i);
            if (argument is not null && !FormatRules.IsSmallConstant(model.GetConstantValue(argument.Expression)))
                Add(argument, Codes.Format, "A format is a short constant without large widths.");
        }
    }

    void Narrowed(SyntaxNode node, ITypeSymbol? from, ITypeSymbol? to)
    {
        if (to is { IsReferenceType: true } && from is not null && !SymbolEqualityComparer.Default.Equals(from, to))
            Add(node, Codes.Downcast, $"A value must not be taken for a {to.ToDisplayString()}.");
    }

    void Declared(BaseTypeDeclarationSyntax declaration, INamedTypeSymbol type)
    {
        foreach (var field in type.GetMembers().OfType<IFieldSymbol>().Where(_ => declaration is not EnumDeclarationSyntax))
            Type(declaration, field.Type);
        if (TypeWeight.IsTooHeavy(type))
            Add(declaration, Codes.Growing, $"{type.Name} holds itself, or more than {TypeWeight.Limit} values.");
    }

    void Symbols(SyntaxNode node, SymbolInfo info)
    {
        if (info.Symbol is { } symbol)
            Symbol(node, symbol);
        foreach (var candidate in info.CandidateSymbols)
            Symbol(node, candidate);
    }

    void Symbol(SyntaxNode node, ISymbol symbol)
    {
        if (permission.Refuses(symbol) is var (code, name))
            Add(node, code, $"{name} is not available to scripts.");
    }

    void Type(SyntaxNode node, ITypeSymbol? type)
    {
        if (type is not null && permission.RefusesType(type) is var (code, name))
            Add(node, code, $"{name} is not available to scripts.");
    }

    void Add(SyntaxNode node, string code, string text) => findings.Add(SyntaxRules.At(node.GetLocation(), code, text));
}
