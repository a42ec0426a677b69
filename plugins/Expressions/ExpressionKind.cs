namespace MiniDns.Plugins.Expressions;

/// <summary>What an expression gives.</summary>
internal enum ExpressionKind : byte
{
    /// <summary>Nothing: <c>nil</c>.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A whole number of 64 bits.</summary>
    Int,

    /// <summary>A number with a fraction.</summary>
    Float,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A list.</summary>
    List,
}
