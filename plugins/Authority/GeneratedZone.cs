using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Authority;

/// <summary>A zone whose records are made while they are sent. What changed since an earlier version is not known.</summary>
/// <param name="soa">Its SOA record.</param>
/// <param name="serial">The serial number in it.</param>
/// <param name="others">Makes the other records, for one reader.</param>
internal sealed class GeneratedZone(RRset soa, uint serial, Func<IEnumerable<RRset>> others) : ITransferZone
{
    /// <inheritdoc/>
    public DnsName Origin => soa.Owner;

    /// <inheritdoc/>
    public uint Serial => serial;

    /// <inheritdoc/>
    public RRsetView Soa => soa;

    /// <inheritdoc/>
    public ITransferRecords OpenRecords() => new Reader(others().Prepend(soa).GetEnumerator());

    /// <inheritdoc/>
    public ITransferRecords? OpenDifferences(uint serial) => null;

    private sealed class Reader(IEnumerator<RRset> sets) : ITransferRecords
    {
        public bool TryRead(out RRsetView records)
        {
            if (sets.MoveNext())
            {
                records = sets.Current;
                return true;
            }

            records = default;
            return false;
        }
    }
}
