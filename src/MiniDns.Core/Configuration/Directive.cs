namespace MiniDns.Configuration;

/// <summary>A line of a Corefile inside a server block, with the lines of its own block if it has one.</summary>
/// <param name="Name">The first word.</param>
/// <param name="Arguments">The words after it on the same line, up to an opening brace.</param>
/// <param name="Body">The lines between braces; empty when there are no braces.</param>
/// <param name="HasBody">True when there are braces, be they empty.</param>
public sealed record Directive(CorefileToken Name, IReadOnlyList<CorefileToken> Arguments, IReadOnlyList<Directive> Body, bool HasBody)
{
    /// <summary>Where the directive starts.</summary>
    public SourceSpan Span => Name.Span;
}
