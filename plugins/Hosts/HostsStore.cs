using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Hosts;

/// <summary>The records of a hosts file and of inline entries: immutable, replaced as a whole.</summary>
/// <remarks>
/// Names with the same addresses share one RRset, whose own owner is the root: it is always sent under the name asked for.
/// A blocklist of 860,000 names with one address is then one table of names and one RRset.
/// </remarks>
internal sealed class HostsStore
{
    private readonly DnsNameTable<HostAddresses> _names;
    private readonly DnsNameTable<RRset> _reverse;
    private readonly RRset?[] _sets;
    private readonly bool _hasWildcards;

    /// <summary>Takes what the builder has collected.</summary>
    internal HostsStore(DnsNameTable<HostAddresses> names, DnsNameTable<RRset> reverse, RRset?[] sets, bool hasWildcards, long entries)
    {
        _names = names;
        _reverse = reverse;
        _sets = sets;
        _hasWildcards = hasWildcards;
        EntryCount = entries;
    }

    /// <summary>A store without entries.</summary>
    public static HostsStore Empty { get; } = new(DnsNameTable<HostAddresses>.Empty, DnsNameTable<RRset>.Empty, [null], hasWildcards: false, 0);

    /// <summary>How many address and PTR records there are, as <c>coredns_hosts_entries</c> counts them.</summary>
    public long EntryCount { get; }

    /// <summary>How many names there are, wildcards included.</summary>
    public int NameCount => _names.Count;

    /// <summary>Finds a name: itself, or the wildcard one label above it (RFC 4592 §3.3.1, one label deep as CoreDNS does).</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="v4">Its A records; to be sent under the name asked for.</param>
    /// <param name="v6">Its AAAA records, likewise.</param>
    /// <returns>False when there is no such name.</returns>
    public bool TryFind(DnsNameView name, ulong hash, out RRset? v4, out RRset? v6)
    {
        if (_names.TryGet(name, hash, out HostAddresses found) || (_hasWildcards && TryFindWildcard(name, out found)))
        {
            v4 = _sets[found.V4];
            v6 = _sets[found.V6];
            return true;
        }

        v4 = null;
        v6 = null;
        return false;
    }

    /// <summary>Finds the PTR records of a reverse name.</summary>
    public bool TryFindReverse(DnsNameView name, ulong hash, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RRset? records) =>
        _reverse.TryGet(name, hash, out records);

    private bool TryFindWildcard(DnsNameView name, out HostAddresses found)
    {
        if (name.IsRoot)
        {
            found = default;
            return false;
        }

        Span<byte> wildcard = stackalloc byte[DnsNameView.MaxLength + 1];
        wildcard[0] = 1;
        wildcard[1] = (byte)'*';
        ReadOnlySpan<byte> parent = name.Parent.Wire;
        parent.CopyTo(wildcard[2..]);
        return _names.TryGet(new DnsNameView(wildcard[..(2 + parent.Length)]), out found);
    }
}
