using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace IspHost.ScriptWorker.Compile;

/// <summary>Formats and alignments name widths: <c>F999999999</c> asks for a billion digits.</summary>
static class FormatRules
{
    const int LongestFormat = 40;
    const int WidestField = 100;

    public static void Clause(SyntaxNode clause, List<Finding> findings)
    {
        if (clause is InterpolationFormatClauseSyntax format && !IsSmall(format.FormatStringToken.ValueText))
            findings.Add(SyntaxRules.At(clause.GetLocation(), Codes.Format, "The format is too long or too wide."));
        if (clause is InterpolationAlignmentClauseSyntax { Value: var width } && !IsSmallNumber(width))
            findings.Add(SyntaxRules.At(clause.GetLocation(), Codes.Format, $"A width is a number of at most {WidestField}."));
    }

    /// <summary>A format given to <c>ToString</c> must be a constant, so that it can be looked at.</summary>
    public static bool IsSmallConstant(Optional<object?> constant)
        => constant.HasValue && (constant.Value is null || (constant.Value is string format && IsSmall(format)));

    static bool IsSmall(string format)
    {
        if (format.Length > LongestFormat)
            return false;
        var digits = 0;
        foreach (var c in format)
        {
            digits = char.IsAsciiDigit(c) && (c != '0' || digits > 0) ? digits + 1 : 0;
            if (digits > 2)
                return false;
        }

        return true;
    }

    static bool IsSmallNumber(ExpressionSyntax width)
    {
        var number = width is PrefixUnaryExpressionSyntax sign && sign.IsKind(SyntaxKind.UnaryMinusExpression) ? sign.Operand : width;
        return number is LiteralExpressionSyntax { Token.Value: int and <= WidestField };
    }
}
