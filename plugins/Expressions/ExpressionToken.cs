namespace MiniDns.Plugins.Expressions;

/// <summary>What a token of an expression is.</summary>
internal enum ExpressionTokenKind : byte
{
    /// <summary>Nothing: the text is at its end.</summary>
    End,

    /// <summary>A name, or an operator that is a word.</summary>
    Word,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text in quotes, which are taken off.</summary>
    Text,

    /// <summary>An operator or bracket.</summary>
    Symbol,
}

/// <summary>A token of an expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its text; of a text in quotes, the content.</param>
/// <param name="Position">Where it starts, in characters from 0.</param>
internal readonly record struct ExpressionToken(ExpressionTokenKind Kind, string Value, int Position)
{
    /// <summary>True for a symbol, or an operator that is a word.</summary>
    public bool Is(string symbol) => Kind is ExpressionTokenKind.Symbol or ExpressionTokenKind.Word && string.Equals(Value, symbol, StringComparison.Ordinal);

    /// <summary>How it is named in messages.</summary>
    public override string ToString() => Kind == ExpressionTokenKind.End ? "the end" : $"'{Value}'";
}
