namespace MiniDns.Plugins.Expressions;

/// <summary>Gives a truth value.</summary>
internal delegate bool BoolFunction(EvaluationState state);

/// <summary>Gives a whole number.</summary>
internal delegate long IntFunction(EvaluationState state);

/// <summary>Gives a number.</summary>
internal delegate double FloatFunction(EvaluationState state);

/// <summary>Gives a text.</summary>
internal delegate ReadOnlySpan<char> TextFunction(EvaluationState state);

/// <summary>A truth value that a function gives.</summary>
internal sealed class BoolNode(BoolFunction function) : ExpressionNode(ExpressionKind.Bool)
{
    public override bool Bool(EvaluationState state) => function(state);
}

/// <summary>A whole number that a function gives.</summary>
internal sealed class IntNode(IntFunction function) : ExpressionNode(ExpressionKind.Int)
{
    public override long Int(EvaluationState state) => function(state);
}

/// <summary>A number that a function gives.</summary>
internal sealed class FloatNode(FloatFunction function) : ExpressionNode(ExpressionKind.Float)
{
    public override double Float(EvaluationState state) => function(state);
}

/// <summary>A text that a function gives.</summary>
internal sealed class TextNode(TextFunction function) : ExpressionNode(ExpressionKind.Text)
{
    public override ReadOnlySpan<char> Text(EvaluationState state) => function(state);
}

/// <summary><c>#</c>: the element that a predicate is asked about.</summary>
internal sealed class ElementNode(ListNode list) : ExpressionNode(list.ElementKind ?? ExpressionKind.Nil)
{
    public override bool Bool(EvaluationState state) => list.BoolAt(state, state.Element);

    public override long Int(EvaluationState state) => list.IntAt(state, state.Element);

    public override double Float(EvaluationState state) => list.FloatAt(state, state.Element);

    public override ReadOnlySpan<char> Text(EvaluationState state) => list.TextAt(state, state.Element);
}
