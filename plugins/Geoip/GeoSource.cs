using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Geoip;

/// <summary>Where clients are, label by label. Nothing is looked up before somebody asks, and an address once for a query.</summary>
internal sealed class GeoSource(IReadOnlyList<GeoTable> tables) : IMetadataSource
{
    private readonly GeoTable[] _tables = [.. tables];

    /// <inheritdoc/>
    public IReadOnlyList<string> Labels { get; } = [.. GeoPath.All.Select(p => p.Label)];

    /// <summary>The files, for the configuration that comes after this one.</summary>
    public IEnumerable<GeoFile> Files => _tables.Select(t => t.File);

    /// <inheritdoc/>
    public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
    {
        GeoPath path = GeoPath.All[label];
        foreach (GeoTable table in _tables)
        {
            if (TryRead(query, table, path, destination, out written))
            {
                return true;
            }
        }

        written = 0;
        return false;
    }

    private static bool TryRead(DnsQuery query, GeoTable table, GeoPath path, Span<byte> destination, out int written)
    {
        written = 0;
        if (table.File.Database is not { } database)
        {
            return false;
        }

        ref GeoFinding finding = ref query.Slot(table.Slot);
        if (finding.Serial != database.Serial)
        {
            finding = new GeoFinding(database.Serial, database.TryFind(AddressOf(query, table.UsesSubnet), out int record), record);
        }

        if (finding.IsFound && database.TryRead(finding.Record, path, destination, out written))
        {
            return written > 0;
        }

        if (path.Otherwise is not { } otherwise || !database.Kind.Contains(path.Kind, StringComparison.Ordinal) || otherwise.Length > destination.Length)
        {
            return false;
        }

        otherwise.CopyTo(destination);
        written = otherwise.Length;
        return true;
    }

    /// <summary>The client's address, or the network that a resolver says its own client is in (RFC 7871). A prefix of 0 is no network: the
    /// client does not want to be found.</summary>
    private static ClientAddress AddressOf(DnsQuery query, bool usesSubnet)
    {
        if (!usesSubnet || !query.Edns.TryGetOption(query.Wire, EdnsOptionCode.ClientSubnet, out ReadOnlySpan<byte> data)
            || !EdnsClientSubnet.TryRead(data, out EdnsClientSubnet subnet) || subnet.SourcePrefixLength == 0)
        {
            return query.Client;
        }

        Span<byte> octets = stackalloc byte[16];
        octets.Clear();
        subnet.Address.CopyTo(octets);
        return new ClientAddress(octets[..(subnet.Family == 1 ? 4 : 16)], 0);
    }
}
