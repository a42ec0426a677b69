namespace MiniDns.Configuration;

/// <summary>A server block as written: its keys and its directives in file order.</summary>
/// <param name="Keys">The words before the brace: <c>example.org:53</c>, <c>tls://.</c>, <c>10.0.0.0/8</c> …</param>
/// <param name="Directives">The directives, imports and snippets expanded.</param>
public sealed record ServerBlockNode(IReadOnlyList<CorefileToken> Keys, IReadOnlyList<Directive> Directives);
