using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Makes one difference of several: only what is different in the end is in it.</summary>
internal static class ChangeCondenser
{
    /// <summary>Condenses at least one difference, oldest first.</summary>
    public static ZoneDifference Condense(ReadOnlySpan<ZoneDifference> steps)
    {
        // A record is gone or has come; one that did both is as before.
        var changes = new Dictionary<Change, bool>(ChangeComparer.Instance);
        foreach (ZoneDifference step in steps)
        {
            Note(changes, step.Removed, isAdded: false);
            Note(changes, step.Added, isAdded: true);
        }

        return new ZoneDifference(
            steps[0].OldSoa,
            steps[^1].NewSoa,
            Collect(changes, isAdded: false),
            Collect(changes, isAdded: true));
    }

    private static void Note(Dictionary<Change, bool> changes, ChangeList list, bool isAdded)
    {
        for (int i = 0; i < list.Count; i++)
        {
            RRsetView set = list[i];
            int at = 0;
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                int end = at + RRset.RecordOverhead + rdata.Length;
                var change = new Change(set, at..end);
                if (!changes.TryGetValue(change, out bool wasAdded))
                {
                    changes.Add(change, isAdded);
                }
                else if (wasAdded != isAdded)
                {
                    changes.Remove(change);
                }

                at = end;
            }
        }
    }

    private static ChangeList Collect(Dictionary<Change, bool> changes, bool isAdded)
    {
        Change[] chosen = [.. changes.Where(c => c.Value == isAdded).Select(c => c.Key)];
        Array.Sort(chosen, static (a, b) => a.CompareTo(b));
        var list = new ChangeList();
        var body = new List<Range>(1) { default };
        foreach (Change change in chosen)
        {
            body[0] = change.Body;
            list.Add(change.Set, body);
        }

        list.Trim();
        return list;
    }

    /// <summary>A record: a place in the body of an RRset, which begins with type, class and TTL.</summary>
    private readonly record struct Change(RRsetView Set, Range Body)
    {
        public ReadOnlySpan<byte> Octets => Set.Body[Body];

        public int CompareTo(Change other)
        {
            int order = Set.Owner.CompareCanonical(other.Set.Owner);
            return order != 0 ? order : Octets.SequenceCompareTo(other.Octets);
        }
    }

    private sealed class ChangeComparer : IEqualityComparer<Change>
    {
        public static readonly ChangeComparer Instance = new();

        public bool Equals(Change x, Change y) => x.Octets.SequenceEqual(y.Octets) && x.Set.Owner.Equals(y.Set.Owner);

        public int GetHashCode(Change change)
        {
            var hash = new HashCode();
            hash.Add(change.Set.Owner.Hash);
            hash.AddBytes(change.Octets);
            return hash.ToHashCode();
        }
    }
}
