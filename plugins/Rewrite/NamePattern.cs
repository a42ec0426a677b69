namespace MiniDns.Plugins.Rewrite;

/// <summary>Which names a rule is for, and which names it makes of them.</summary>
internal abstract class NamePattern
{
    /// <summary>True when the pattern looks at a name's text, not only at its octets.</summary>
    public virtual bool NeedsText => true;

    /// <summary>True when the rule is for a name.</summary>
    public abstract bool Matches(ref LowerText name);

    /// <summary>Makes another name of one that matches. Only for a pattern that was given what to make.</summary>
    /// <param name="name">The name.</param>
    /// <param name="wire">Takes the wire form of the new name, <see cref="Protocol.Names.DnsNameView.MaxLength"/> octets.</param>
    /// <param name="length">Its length.</param>
    public abstract NameChange Rewrite(ref LowerText name, scoped Span<byte> wire, out int length);
}
