namespace MiniDns.Plugins.Expressions;

/// <summary>A list.</summary>
internal abstract class ListNode() : ExpressionNode(ExpressionKind.List)
{
    /// <summary>What all elements are; null when they differ or there are none.</summary>
    public abstract ExpressionKind? ElementKind { get; }

    /// <summary>How many elements there are.</summary>
    public abstract int Count(EvaluationState state);

    /// <summary>True when an element is what a node gives. Values of different kinds are never the same.</summary>
    public abstract bool Contains(EvaluationState state, ExpressionNode sought);

    /// <summary>A text of the list.</summary>
    public virtual ReadOnlySpan<char> TextAt(EvaluationState state, int index) => throw new NotSupportedException();

    /// <summary>A number of the list.</summary>
    public virtual double FloatAt(EvaluationState state, int index) => throw new NotSupportedException();

    /// <summary>A whole number of the list.</summary>
    public virtual long IntAt(EvaluationState state, int index) => throw new NotSupportedException();

    /// <summary>A truth value of the list.</summary>
    public virtual bool BoolAt(EvaluationState state, int index) => throw new NotSupportedException();
}
