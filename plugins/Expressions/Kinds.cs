namespace MiniDns.Plugins.Expressions;

/// <summary>Names kinds in messages.</summary>
internal static class Kinds
{
    /// <summary>The name of a kind.</summary>
    public static string Name(ExpressionKind kind) => kind switch
    {
        ExpressionKind.Bool => "a truth value",
        ExpressionKind.Int => "a whole number",
        ExpressionKind.Float => "a number",
        ExpressionKind.Text => "a text",
        ExpressionKind.List => "a list",
        _ => "nil",
    };

    /// <summary>The name of what a node gives.</summary>
    public static string Name(ExpressionNode node) => Name(node.Kind);
}
