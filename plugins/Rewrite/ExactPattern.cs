using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>One name for another.</summary>
/// <param name="from">The name, in lower case.</param>
/// <param name="to">What to make of it; the root when nothing is to be made.</param>
internal sealed class ExactPattern(DnsName from, DnsName to) : NamePattern
{
    /// <inheritdoc/>
    public override bool NeedsText => false;

    /// <inheritdoc/>
    public override bool Matches(ref LowerText name) => name.Name.Wire.SequenceEqual(from.Wire);

    /// <inheritdoc/>
    public override NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length)
    {
        length = 0;
        if (!Matches(ref name))
        {
            return NameChange.NoMatch;
        }

        to.Wire.CopyTo(wire);
        length = to.Length;
        return NameChange.Changed;
    }
}
