using IspHost.ScriptWorker.Metering;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Calls of the meter, as syntax.</summary>
static class Calls
{
    static readonly NameSyntax Meter = ParseName($"global::{typeof(Meter).FullName}");

    public static readonly StatementSyntax Tick = ExpressionStatement(Of(nameof(Metering.Meter.Tick)));

    public static readonly StatementSyntax Enter = ExpressionStatement(Of(nameof(Metering.Meter.Enter)));

    public static InvocationExpressionSyntax Of(string method, params ExpressionSyntax[] arguments)
        => InvocationExpression(
            MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, Meter, IdentifierName(method)),
            ArgumentList(SeparatedList(arguments.Select(Argument))));

    /// <summary>The value, after a look at the meter, where only an expression can stand.</summary>
    public static ExpressionSyntax Checked(ExpressionSyntax value) => ParenthesizedExpression(ConditionalExpression(
        Of(nameof(Metering.Meter.Check)),
        ParenthesizedExpression(value),
        ThrowExpression(LiteralExpression(SyntaxKind.NullLiteralExpression))));

    public static ExpressionSyntax Number(int number) => LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(number));
}
