namespace MiniDns.Expressions;

/// <summary>A kind of token.</summary>
internal enum ExpressionTokenKind
{
    End,
    Name,
    Int,
    Float,
    String,
    Operator,
    Error,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it starts, in characters.</param>
/// <param name="Text">Its text; of a string what it stands for, of an error what is wrong.</param>
internal readonly record struct ExpressionToken(ExpressionTokenKind Kind, int Offset, string Text);
