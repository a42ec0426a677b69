using System.Diagnostics.CodeAnalysis;
using MiniDns.Queries;

namespace MiniDns.Plugins.Expressions;

/// <summary>An expression about a query: read once into a tree, then asked without making an object.</summary>
internal sealed class Expression
{
    [ThreadStatic]
    private static EvaluationState? t_state;

    private readonly ExpressionNode _root;

    private Expression(string text, ExpressionNode root, IReadOnlyList<MetadataLabel> labels)
    {
        Text = text;
        _root = root;
        Labels = labels;
    }

    /// <summary>The expression as it was written.</summary>
    public string Text { get; }

    /// <summary>The labels of metadata that it asks for; to be bound when the block is wired.</summary>
    public IReadOnlyList<MetadataLabel> Labels { get; }

    /// <summary>True when its value is true or false; any other value is like false.</summary>
    public bool IsCondition => _root.Kind == ExpressionKind.Bool;

    /// <summary>Reads an expression.</summary>
    /// <param name="text">The text.</param>
    /// <param name="expression">The expression.</param>
    /// <param name="error">What is wrong and what would be right.</param>
    /// <param name="position">Where, in characters from 0.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out Expression? expression, [NotNullWhen(false)] out string? error, out int position)
    {
        List<MetadataLabel> labels = [];
        try
        {
            expression = new Expression(text, ExpressionParser.Parse(text, new ExpressionFunctions(labels)), labels);
            error = null;
            position = 0;
            return true;
        }
        catch (ExpressionException e)
        {
            expression = null;
            error = e.Message;
            position = e.Position;
            return false;
        }
    }

    /// <summary>True when the expression is true of a query. One without a value, such as a division by zero, is not.</summary>
    public bool IsTrueOf(DnsQuery query)
    {
        if (!IsCondition)
        {
            return false;
        }

        EvaluationState state = t_state ??= new EvaluationState();
        state.Begin(query);
        bool isTrue = _root.Bool(state) && !state.HasFailed;
        state.End();
        return isTrue;
    }
}
