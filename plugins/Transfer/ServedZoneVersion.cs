using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Transfer;

/// <summary>A version of a zone that is kept in memory, with what is known of its past.</summary>
/// <param name="zone">The version.</param>
/// <param name="history">Its history; null when there is none.</param>
internal sealed class ServedZoneVersion(Zone zone, ZoneHistory? history) : ITransferZone
{
    /// <inheritdoc/>
    public DnsName Origin => zone.Origin;

    /// <inheritdoc/>
    public uint Serial => zone.Serial;

    /// <inheritdoc/>
    public RRsetView Soa => zone.Soa;

    /// <inheritdoc/>
    public ITransferRecords OpenRecords() => new Whole(zone);

    /// <inheritdoc/>
    public ITransferRecords? OpenDifferences(uint serial) => history?.Since(serial) is { } steps ? new Steps(steps) : null;

    private sealed class Whole(Zone zone) : ITransferRecords
    {
        private RecordSequence.Enumerator _sets = zone.Records.GetEnumerator();

        public bool TryRead(out RRsetView records)
        {
            bool isThere = _sets.MoveNext();
            records = isThere ? _sets.Current : default;
            return isThere;
        }
    }

    /// <summary>The sequences of RFC 1995 §4.</summary>
    private sealed class Steps(IReadOnlyList<ZoneDifference> steps) : ITransferRecords
    {
        private int _step;
        private int _next = -1;         // -1 stands for the SOA in front of a list
        private bool _isAdding;

        public bool TryRead(out RRsetView records)
        {
            while (_step < steps.Count)
            {
                ZoneDifference step = steps[_step];
                ChangeList list = _isAdding ? step.Added : step.Removed;
                int index = _next++;
                if (index < list.Count)
                {
                    records = index >= 0 ? list[index] : (_isAdding ? step.NewSoa : step.OldSoa).View;
                    return true;
                }

                _next = -1;
                _step += _isAdding ? 1 : 0;
                _isAdding = !_isAdding;
            }

            records = default;
            return false;
        }
    }
}
