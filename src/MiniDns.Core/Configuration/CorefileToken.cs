namespace MiniDns.Configuration;

/// <summary>A word of a Corefile: quotes and escapes resolved, environment variables replaced.</summary>
/// <param name="Text">The text.</param>
/// <param name="Span">Where it stands.</param>
/// <param name="IsQuoted">True when it was written in double quotes.</param>
public sealed record CorefileToken(string Text, SourceSpan Span, bool IsQuoted = false)
{
    /// <inheritdoc/>
    public override string ToString() => Text;
}
