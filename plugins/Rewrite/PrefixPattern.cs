using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>One beginning of a name's text for another.</summary>
internal sealed class PrefixPattern(byte[] from, byte[] to) : NamePattern
{
    /// <inheritdoc/>
    public override bool Matches(ref LowerText name) => name.Text.StartsWith(from);

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        ReadOnlySpan<byte> text = name.Text;
        if (!text.StartsWith(from))
        {
            return NameChange.NoMatch;
        }

        TextBuilder builder = new(stackalloc byte[DnsNameText.MaxChars]);
        builder.Add(to);
        builder.Add(text[from.Length..]);
        return builder.ToName(wire, out length);
    }
}
