using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Every occurrence of a text in a name's text for another.</summary>
/// <param name="from">What is looked for; not empty.</param>
/// <param name="to">What takes its place.</param>
internal sealed class SubstringPattern(byte[] from, byte[] to) : NamePattern
{
    /// <inheritdoc/>
    public override bool Matches(ref LowerText name) => name.Text.IndexOf(from) >= 0;

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> text = name.Text;
        int at = text.IndexOf(from);
        if (at < 0)
        {
            return NameChange.NoMatch;
        }

        TextBuilder builder = new(stackalloc byte[DnsNameText.MaxChars]);
        for (; at >= 0; at = text.IndexOf(from))
        {
            builder.Add(text[..at]);
            builder.Add(to);
            text = text[(at + from.Length)..];
        }

        builder.Add(text);
        return builder.ToName(wire, out length);
    }
}
