using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Where the data of an EDNS option comes from.</summary>
internal abstract class EdnsData
{
    /// <summary>Octets that hold the data of any variable.</summary>
    public const int MaxScratch = 1024;

    /// <summary>True when the data is made of the text of a name.</summary>
    public virtual bool NeedsText => false;

    /// <summary>Tells the data.</summary>
    /// <param name="query">The query.</param>
    /// <param name="name">The text of its name, when it <see cref="NeedsText"/>.</param>
    /// <param name="scratch"><see cref="MaxScratch"/> octets, for what is made anew.</param>
    /// <param name="data">The data.</param>
    /// <returns>False when there is none for this query.</returns>
    public abstract bool TryRead(DnsQuery query, ReadOnlySpan<byte> name, Span<byte> scratch, out ReadOnlySpan<byte> data);
}
