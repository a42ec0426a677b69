using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Compares two versions of a zone by walking both in canonical order, name by name; of a version made by changes to the other,
/// only the names that were touched.</summary>
internal sealed class ZoneComparer
{
    private readonly Zone _before;
    private readonly Zone _after;
    private readonly long _limit;
    private readonly int[]? _touched;
    private readonly ChangeList _removed = new();
    private readonly ChangeList _added = new();
    private readonly List<Range> _old = [];
    private readonly List<Range> _new = [];
    private readonly List<Range> _gone = [];
    private readonly List<Range> _come = [];

    public ZoneComparer(Zone before, Zone after, long limit)
    {
        _before = before;
        _after = after;
        _limit = limit;
        _touched = after.TouchedSince(before);
    }

    /// <summary>Compares.</summary>
    /// <returns>Null when the difference takes more than the limit.</returns>
    public ZoneDifference? Compare()
    {
        NameWalk left = Walk(_before);
        NameWalk right = Walk(_after);
        while (left.HasName || right.HasName)
        {
            int order = !left.HasName ? 1 : !right.HasName ? -1 : left.Owner.CompareCanonical(right.Owner);
            if (order < 0)
            {
                AddAll(_removed, left.Sets);
            }
            else if (order > 0)
            {
                AddAll(_added, right.Sets);
            }
            else if (!AreSame(left.Sets, right.Sets))
            {
                CompareName(left.Sets, right.Sets);
            }

            if (_removed.Footprint + _added.Footprint > _limit)
            {
                return null;
            }

            if (order <= 0)
            {
                left.MoveNext();
            }

            if (order >= 0)
            {
                right.MoveNext();
            }
        }

        _removed.Trim();
        _added.Trim();
        return new ZoneDifference(_before.Soa.ToRRset(), _after.Soa.ToRRset(), _removed, _added);
    }

    private NameWalk Walk(Zone zone) =>
        new(_touched is null ? zone.CanonicalRecords : new RecordSequence(zone, [.. _touched.Where(id => id < zone.IdCount)]));

    private static bool AreSame(List<RRsetView> old, List<RRsetView> now)
    {
        if (old.Count != now.Count)
        {
            return false;
        }

        for (int i = 0; i < old.Count; i++)
        {
            if (!old[i].Body.SequenceEqual(now[i].Body))
            {
                return false;
            }
        }

        return true;
    }

    private static void AddAll(ChangeList changes, List<RRsetView> sets)
    {
        foreach (RRsetView set in sets)
        {
            changes.Add(set);
        }
    }

    private static bool TryFind(List<RRsetView> sets, in RRsetView like, out RRsetView found)
    {
        foreach (RRsetView set in sets)
        {
            if (set.Type == like.Type && (set.Type != DnsRecordType.RRSIG || CoveredBy(set) == CoveredBy(like)))
            {
                found = set;
                return true;
            }
        }

        found = default;
        return false;
    }

    private static ushort CoveredBy(in RRsetView signatures) => BinaryPrimitives.ReadUInt16BigEndian(signatures.First);

    private void CompareName(List<RRsetView> old, List<RRsetView> now)
    {
        foreach (RRsetView set in old)
        {
            if (!TryFind(now, set, out RRsetView later) || later.Ttl != set.Ttl)
            {
                _removed.Add(set);
            }
            else if (!set.Body.SequenceEqual(later.Body))
            {
                CompareSets(set, later);
            }
        }

        foreach (RRsetView set in now)
        {
            if (!TryFind(old, set, out RRsetView earlier) || earlier.Ttl != set.Ttl)
            {
                _added.Add(set);
            }
        }
    }

    /// <summary>Compares two RRsets record by record; the order in which they are kept means nothing.</summary>
    private void CompareSets(RRsetView old, RRsetView now)
    {
        List(old, _old);
        List(now, _new);
        _gone.Clear();
        _come.Clear();
        int i = 0;
        int j = 0;
        while (i < _old.Count || j < _new.Count)
        {
            int order = i == _old.Count ? 1 : j == _new.Count ? -1 : old.Body[_old[i]].SequenceCompareTo(now.Body[_new[j]]);
            if (order < 0)
            {
                _gone.Add(_old[i]);
            }
            else if (order > 0)
            {
                _come.Add(_new[j]);
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        if (_gone.Count > 0)
        {
            _removed.Add(old, _gone);
        }

        if (_come.Count > 0)
        {
            _added.Add(now, _come);
        }
    }

    /// <summary>Lists where the records of an RRset stand in its body, in the order of their octets.</summary>
    private static void List(RRsetView set, List<Range> records)
    {
        records.Clear();
        int at = 0;
        foreach (ReadOnlySpan<byte> rdata in set)
        {
            int end = at + RRset.RecordOverhead + rdata.Length;
            records.Add(at..end);
            at = end;
        }

        records.Sort((a, b) => set.Body[a].SequenceCompareTo(set.Body[b]));
    }

    /// <summary>Goes through the names of a zone, each with its RRsets, the SOA left out.</summary>
    private sealed class NameWalk
    {
        private RecordSequence.Enumerator _sets;
        private RRsetView _next;
        private bool _hasNext;

        public NameWalk(RecordSequence records)
        {
            _sets = records.GetEnumerator();
            Advance();
            MoveNext();
        }

        /// <summary>The RRsets of the name.</summary>
        public List<RRsetView> Sets { get; } = [];

        /// <summary>False at the end.</summary>
        public bool HasName => Sets.Count > 0;

        /// <summary>The name.</summary>
        public DnsNameView Owner => Sets[0].Owner;

        /// <summary>Moves to the next name.</summary>
        public void MoveNext()
        {
            // A name may come twice in a row: an owner of NSEC3 records that has others as well.
            Sets.Clear();
            while (_hasNext && (Sets.Count == 0 || _next.Owner.Equals(Sets[0].Owner)))
            {
                Sets.Add(_next);
                Advance();
            }
        }

        private void Advance()
        {
            do
            {
                _hasNext = _sets.MoveNext();
                _next = _hasNext ? _sets.Current : default;
            }
            while (_hasNext && _next.Type == DnsRecordType.SOA);
        }
    }
}
