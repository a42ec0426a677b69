namespace MiniDns.Expressions;

/// <summary>An operator.</summary>
internal enum ExpressionOperator : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>|</c>: hands a value to a function.</summary>
    Pipe,

    /// <summary><c>or</c>, <c>||</c>.</summary>
    Or,

    /// <summary><c>and</c>, <c>&amp;&amp;</c>.</summary>
    And,

    /// <summary><c>==</c>.</summary>
    Equal,

    /// <summary><c>!=</c>.</summary>
    NotEqual,

    /// <summary><c>&lt;</c>.</summary>
    Less,

    /// <summary><c>&gt;</c>.</summary>
    Greater,

    /// <summary><c>&lt;=</c>.</summary>
    LessOrEqual,

    /// <summary><c>&gt;=</c>.</summary>
    GreaterOrEqual,

    /// <summary><c>in</c>.</summary>
    In,

    /// <summary><c>matches</c>.</summary>
    Matches,

    /// <summary><c>contains</c>.</summary>
    Contains,

    /// <summary><c>startsWith</c>.</summary>
    StartsWith,

    /// <summary><c>endsWith</c>.</summary>
    EndsWith,

    /// <summary><c>..</c>.</summary>
    Range,

    /// <summary><c>+</c>.</summary>
    Add,

    /// <summary><c>-</c>.</summary>
    Subtract,

    /// <summary><c>*</c>.</summary>
    Multiply,

    /// <summary><c>/</c>.</summary>
    Divide,

    /// <summary><c>%</c>.</summary>
    Remainder,

    /// <summary><c>**</c>, <c>^</c>.</summary>
    Power,

    /// <summary><c>??</c>: the second value when the first is nothing.</summary>
    Otherwise,

    /// <summary><c>not</c>, <c>!</c>.</summary>
    Not,
}
