using Microsoft.CodeAnalysis.CSharp;
using static Microsoft.CodeAnalysis.CSharp.SyntaxKind;

namespace IspHost.ScriptWorker.Compile;

/// <summary>The kinds of nodes that scripts may have. What is not here is refused, so a new version of C# opens nothing.</summary>
static class SyntaxList
{
    public static readonly HashSet<SyntaxKind> Allowed =
    [
        // The script and its parts.
        CompilationUnit, UsingDirective, NameEquals, GlobalStatement, FieldDeclaration, MethodDeclaration, VariableDeclaration,
        VariableDeclarator, EqualsValueClause, ParameterList, Parameter, ArrowExpressionClause, Block, BracketedParameterList,

        // Types.
        ClassDeclaration, StructDeclaration, RecordDeclaration, RecordStructDeclaration, EnumDeclaration, EnumMemberDeclaration,
        PropertyDeclaration, AccessorList, GetAccessorDeclaration, SetAccessorDeclaration, InitAccessorDeclaration,
        ConstructorDeclaration, OperatorDeclaration, ConversionOperatorDeclaration, IndexerDeclaration, BaseList, SimpleBaseType,

        // Names.
        IdentifierName, GenericName, QualifiedName, AliasQualifiedName, TypeArgumentList, PredefinedType, NullableType, ArrayType,
        ArrayRankSpecifier, OmittedArraySizeExpression, TupleType, TupleElement, OmittedTypeArgument,

        // Statements.
        LocalDeclarationStatement, LocalFunctionStatement, ExpressionStatement, EmptyStatement, IfStatement, ElseClause, WhileStatement,
        DoStatement, ForStatement, ForEachStatement, ForEachVariableStatement, SwitchStatement, SwitchSection, CaseSwitchLabel,
        CasePatternSwitchLabel, DefaultSwitchLabel, BreakStatement, ContinueStatement, ReturnStatement, YieldReturnStatement,
        YieldBreakStatement, ThrowStatement, CheckedStatement,

        // Literals.
        NumericLiteralExpression, StringLiteralExpression, CharacterLiteralExpression, TrueLiteralExpression, FalseLiteralExpression,
        NullLiteralExpression, DefaultLiteralExpression, DefaultExpression, InterpolatedStringExpression, InterpolatedStringText,
        Interpolation, InterpolationAlignmentClause, InterpolationFormatClause,

        // Operators.
        ParenthesizedExpression, AddExpression, SubtractExpression, MultiplyExpression, DivideExpression, ModuloExpression,
        LeftShiftExpression, RightShiftExpression, LogicalOrExpression, LogicalAndExpression, BitwiseOrExpression,
        BitwiseAndExpression, ExclusiveOrExpression, EqualsExpression, NotEqualsExpression, LessThanExpression,
        LessThanOrEqualExpression, GreaterThanExpression, GreaterThanOrEqualExpression, CoalesceExpression, ConditionalExpression,
        UnaryPlusExpression, UnaryMinusExpression, BitwiseNotExpression, LogicalNotExpression, PreIncrementExpression,
        PreDecrementExpression, PostIncrementExpression, PostDecrementExpression, SuppressNullableWarningExpression, IndexExpression,
        RangeExpression, SimpleAssignmentExpression, AddAssignmentExpression, SubtractAssignmentExpression,
        MultiplyAssignmentExpression, DivideAssignmentExpression, ModuloAssignmentExpression, AndAssignmentExpression,
        OrAssignmentExpression, ExclusiveOrAssignmentExpression, CoalesceAssignmentExpression, CheckedExpression, IsExpression,
        IsPatternExpression, CastExpression, AsExpression,

        // Members, calls and lambdas.
        SimpleMemberAccessExpression, ConditionalAccessExpression, MemberBindingExpression, ElementBindingExpression,
        ElementAccessExpression, InvocationExpression, ArgumentList, BracketedArgumentList, Argument, NameColon, ExpressionColon,
        SimpleLambdaExpression, ParenthesizedLambdaExpression, AnonymousMethodExpression, ThisExpression, ThisConstructorInitializer,

        // Making things.
        ObjectCreationExpression, ImplicitObjectCreationExpression, ArrayCreationExpression, ImplicitArrayCreationExpression,
        ObjectInitializerExpression, CollectionInitializerExpression, ArrayInitializerExpression, ComplexElementInitializerExpression,
        ImplicitElementAccess, CollectionExpression, ExpressionElement, AnonymousObjectCreationExpression,
        AnonymousObjectMemberDeclarator, TupleExpression, DeclarationExpression, SingleVariableDesignation,
        ParenthesizedVariableDesignation, DiscardDesignation, WithExpression, WithInitializerExpression, ThrowExpression,

        // Patterns.
        SwitchExpression, SwitchExpressionArm, ConstantPattern, DeclarationPattern, VarPattern, DiscardPattern, RelationalPattern,
        AndPattern, OrPattern, NotPattern, ParenthesizedPattern, RecursivePattern, PropertyPatternClause, PositionalPatternClause,
        Subpattern, TypePattern, WhenClause,

        // Queries.
        QueryExpression, QueryBody, FromClause, LetClause, JoinClause, JoinIntoClause, WhereClause, OrderByClause, AscendingOrdering,
        DescendingOrdering, SelectClause, GroupClause, QueryContinuation,
    ];

    /// <summary>A script's type of such a name would take over what other lines of the script mean.</summary>
    public static readonly HashSet<string> ReservedTypes = new(StringComparer.Ordinal)
    {
        "System", "Math", "Decimal", "Int32", "Int64", "String", "Char", "Boolean", "Object", "DateOnly", "TimeOnly", "DateTime",
        "DateTimeOffset", "TimeSpan", "List", "Dictionary", "HashSet", "KeyValuePair", "IEnumerable", "Enumerable", "CultureInfo",
        "NumberStyles", "MidpointRounding", "StringComparison", "StringComparer", "Func", "Action", "Exception", "Charge",
        "Quantity", "Rate", "Currency", "Account", "Period", "Plan", "Usage", "IspHost", "Meter", "Array", "Nullable",
        "Tuple", "ValueTuple",
    };
}
