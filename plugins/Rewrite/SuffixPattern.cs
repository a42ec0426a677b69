using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>One end of a name's text for another.</summary>
internal sealed class SuffixPattern(byte[] from, byte[] to) : NamePattern
{
    /// <inheritdoc/>
    public override bool Matches(ref LowerText name) => name.Text.EndsWith(from);

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> text = name.Text;
        if (!text.EndsWith(from))
        {
            return NameChange.NoMatch;
        }

        TextBuilder builder = new(stackalloc byte[DnsNameText.MaxChars]);
        builder.Add(text[..^from.Length]);
        builder.Add(to);
        return builder.ToName(wire, out length);
    }
}
