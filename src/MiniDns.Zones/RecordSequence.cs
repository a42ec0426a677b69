using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Goes through all RRsets of a zone; allocates nothing.</summary>
public readonly struct RecordSequence
{
    private readonly Zone _zone;
    private readonly int[]? _order;

    internal RecordSequence(Zone zone, int[]? order)
    {
        _zone = zone;
        _order = order;
    }

    /// <summary>Starts at the SOA.</summary>
    public Enumerator GetEnumerator() => new(_zone, _order);

    /// <summary>Goes through all RRsets of a zone.</summary>
    public struct Enumerator
    {
        private readonly Zone _zone;
        private readonly int[]? _order;
        private int _next;
        private ZoneNode.Enumerator _sets;
        private bool _isStarted;
        private bool _signaturesFollow;

        internal Enumerator(Zone zone, int[]? order)
        {
            _zone = zone;
            _order = order;
            _sets = default;
            Current = default;
        }

        /// <summary>The RRset.</summary>
        public RRsetView Current { get; private set; }

        /// <summary>Moves to the next RRset.</summary>
        public bool MoveNext()
        {
            if (!_isStarted)
            {
                _isStarted = true;
                Current = _zone.Soa;
                return true;
            }

            if (_signaturesFollow)
            {
                _signaturesFollow = false;
                Current = _sets.Current.Signatures;
                return true;
            }

            while (true)
            {
                while (_sets.MoveNext())
                {
                    NodeRRset set = _sets.Current;
                    bool isSoa = set.Type == DnsRecordType.SOA;
                    if (set.RecordCount > 0 && !isSoa)
                    {
                        _signaturesFollow = set.SignatureCount > 0;
                        Current = set.Records;
                        return true;
                    }

                    if (set.SignatureCount > 0)
                    {
                        Current = set.Signatures;
                        return true;
                    }
                }

                if (_next == (_order?.Length ?? _zone.IdCount))
                {
                    return false;
                }

                _sets = _zone.NodeAt(_order is null ? _next : _order[_next]).GetEnumerator();
                _next++;
            }
        }
    }
}
