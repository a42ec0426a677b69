namespace MiniDns.Expressions;

/// <summary>What an expression's value is, as far as it is known before it is evaluated.</summary>
public enum ExpressionType : byte
{
    /// <summary>Known only when it is evaluated.</summary>
    Any,

    /// <summary>Nothing.</summary>
    Nil,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A number with a fraction.</summary>
    Float,

    /// <summary>Text.</summary>
    String,

    /// <summary>Values in an order.</summary>
    List,
}
