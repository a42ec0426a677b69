namespace MiniDns.Plugins.Expressions;

/// <summary><c>'A'</c>.</summary>
internal sealed class TextLiteral(string value) : ExpressionNode(ExpressionKind.Text)
{
    public string Value => value;

    public override ReadOnlySpan<char> Text(EvaluationState state) => value;
}

/// <summary><c>53</c>.</summary>
internal sealed class IntLiteral(long value) : ExpressionNode(ExpressionKind.Int)
{
    public override long Int(EvaluationState state) => value;
}

/// <summary><c>0.5</c>.</summary>
internal sealed class FloatLiteral(double value) : ExpressionNode(ExpressionKind.Float)
{
    public override double Float(EvaluationState state) => value;
}

/// <summary><c>true</c>.</summary>
internal sealed class BoolLiteral(bool value) : ExpressionNode(ExpressionKind.Bool)
{
    public override bool Bool(EvaluationState state) => value;
}

/// <summary><c>nil</c>.</summary>
internal sealed class NilLiteral() : ExpressionNode(ExpressionKind.Nil);
