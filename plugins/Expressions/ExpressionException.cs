namespace MiniDns.Plugins.Expressions;

/// <summary>What is wrong with an expression, and where.</summary>
internal sealed class ExpressionException(int position, string message) : Exception(message)
{
    /// <summary>The place in the expression, in characters from 0.</summary>
    public int Position { get; } = position;
}
