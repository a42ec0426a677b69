namespace MiniDns.Plugins.Expressions;

/// <summary>A part of an expression. Its kind is known when it is read, so that asking for a value is one virtual call and makes no object.</summary>
internal abstract class ExpressionNode(ExpressionKind kind)
{
    /// <summary>What it gives.</summary>
    public ExpressionKind Kind { get; } = kind;

    /// <summary>True when it is a number.</summary>
    public bool IsNumber => Kind is ExpressionKind.Int or ExpressionKind.Float;

    /// <summary>The value of a <see cref="ExpressionKind.Bool"/>.</summary>
    public virtual bool Bool(EvaluationState state) => throw Wrong();

    /// <summary>The value of an <see cref="ExpressionKind.Int"/>.</summary>
    public virtual long Int(EvaluationState state) => throw Wrong();

    /// <summary>The value of a number.</summary>
    public virtual double Float(EvaluationState state) => Kind == ExpressionKind.Int ? Int(state) : throw Wrong();

    /// <summary>The value of a <see cref="ExpressionKind.Text"/>; valid as long as the evaluation.</summary>
    public virtual ReadOnlySpan<char> Text(EvaluationState state) => throw Wrong();

    private InvalidOperationException Wrong() => new($"{GetType().Name} is of the kind {Kind}");
}
