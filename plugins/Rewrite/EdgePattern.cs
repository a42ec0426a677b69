using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>One beginning or end of a name's text for another.</summary>
internal sealed class EdgePattern(byte[] from, byte[] to, bool isPrefix) : NamePattern
{
    /// <inheritdoc/>
    public override bool Matches(ref LowerText name) => isPrefix ? name.Text.StartsWith(from) : name.Text.EndsWith(from);

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        if (!Matches(ref name))
        {
            return NameChange.NoMatch;
        }

        ReadOnlySpan<byte> text = name.Text;
        TextBuilder builder = new(stackalloc byte[DnsNameText.MaxChars]);
        builder.Add(isPrefix ? to : text[..^from.Length]);
        builder.Add(isPrefix ? text[from.Length..] : to);
        return builder.ToName(wire, out length);
    }
}
