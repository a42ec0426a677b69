using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Balances a response that is held as records: entries change places, RRsets get an order.</summary>
/// <remarks>The records of an RRset stay together, as they have to (RFC 2181 §5): it is the order of all records of a section
/// that is decided, then RRsets follow in the order of their first records.</remarks>
internal static class RecordBalancer
{
    /// <summary>Balances one section.</summary>
    public static void Balance(DnsResponse response, DnsSection section, RecordOrder order, WeightTable? weights)
    {
        Range addresses = Find(response, section, isMx: false, out bool isTidy);
        Range exchanges = Find(response, section, isMx: true, out bool isTidyToo);
        if (!isTidy || !isTidyToo)
        {
            Tidy(response);
            addresses = Find(response, section, isMx: false, out _);
            exchanges = Find(response, section, isMx: true, out _);
        }

        // From the back, for splitting an RRset moves what stands behind it.
        if (weights is null)
        {
            Balance(response, exchanges, order, weights, isMx: true);
        }

        Balance(response, addresses, order, weights, isMx: false);
    }

    /// <summary>Where the records of a kind stand in a section.</summary>
    private static Range Find(DnsResponse response, DnsSection section, bool isMx, out bool isTidy)
    {
        ReadOnlySpan<ResponseEntry> entries = response.Entries;
        int first = -1;
        int end = 0;
        isTidy = true;
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Section != section)
            {
                continue;
            }

            bool isOfKind = isMx ? entries[i].Type == DnsRecordType.MX : entries[i].Type is DnsRecordType.A or DnsRecordType.AAAA;
            if (isOfKind)
            {
                isTidy &= first < 0 || end == i;
                first = first < 0 ? i : first;
                end = i + 1;
            }
            else if (entries[i].Type is DnsRecordType.CNAME or DnsRecordType.DNAME)
            {
                isTidy &= first < 0;    // some stub resolvers cannot do with an address before its alias
            }
        }

        return first < 0 ? default : first..end;
    }

    /// <summary>Sorts by section; in each section aliases first, then what is not balanced, addresses, MX, signatures.</summary>
    private static void Tidy(DnsResponse response)
    {
        for (int i = 1; i < response.Entries.Length; i++)
        {
            int key = KeyOf(response.Entries[i]);
            int to = i;
            while (to > 0 && KeyOf(response.Entries[to - 1]) > key)
            {
                to--;
            }

            if (to < i)
            {
                response.Move(i, to);
            }
        }
    }

    private static int KeyOf(in ResponseEntry entry) => ((int)entry.Section * 8) + entry.Type switch
    {
        DnsRecordType.CNAME or DnsRecordType.DNAME => 0,
        DnsRecordType.A or DnsRecordType.AAAA => 2,
        DnsRecordType.MX => 3,
        DnsRecordType.RRSIG => 4,
        _ => 1,
    };

    private static void Balance(DnsResponse response, Range range, RecordOrder order, WeightTable? weights, bool isMx)
    {
        int start = range.Start.Value;
        int end = range.End.Value;
        int count = 0;
        for (int i = end - 1; i >= start; i--)
        {
            int records = response.Entries[i].Records?.Count ?? 1;
            count += records;
            if (records > RRsetOrder.MaxCount && count <= RecordOrder.MaxRecords && response.TrySplit(i))
            {
                end += records - 1;
            }
        }

        if (count is < 2 or > RecordOrder.MaxRecords)
        {
            return;
        }

        Span<ushort> indices = stackalloc ushort[count];
        Span<ushort> groupOf = stackalloc ushort[count];
        Span<Group> groups = stackalloc Group[count];
        Span<byte> weight = stackalloc byte[weights is null ? 0 : count];
        Span<byte> rank = stackalloc byte[order.LooksAtAddresses && !isMx ? count : 0];
        groups = groups[..Gather(response, start, end, groups, groupOf, order, weights, weight, rank)];
        if (isMx)
        {
            order.Shuffle(indices);
        }
        else
        {
            order.ArrangeAddresses(indices, weight, rank);
        }

        for (int g = 0; g < groups.Length; g++)
        {
            ApplyWithin(response, groups[g], g, indices, groupOf);
        }

        ApplyBetween(response, start, groups, indices, groupOf);
    }

    /// <summary>Numbers the records of a range and notes which RRset each belongs to, its weight and its rank.</summary>
    /// <returns>How many RRsets there are.</returns>
    private static int Gather(DnsResponse response, int start, int end, Span<Group> groups, Span<ushort> groupOf, RecordOrder order, WeightTable? weights, Span<byte> weight, Span<byte> rank)
    {
        int count = 0;
        int records = 0;
        ReadOnlySpan<HostWeight> known = default;
        for (int i = start; i < end; i++)
        {
            ref readonly ResponseEntry entry = ref response.Entries[i];
            if (i > start && IsSameRRset(response, response.Entries[i - 1], entry))
            {
                groups[count - 1] = groups[count - 1] with { End = i + 1 };
            }
            else
            {
                groups[count++] = new Group(i, i + 1, records);
                known = weights is null ? default : weights.Of(response.OwnerOf(entry));
            }

            int more = entry.Records?.Count ?? 1;
            groupOf.Slice(records, more).Fill((ushort)(count - 1));
            if (!rank.IsEmpty)
            {
                if (entry.Records is { } set)
                {
                    int at = records;
                    foreach (ReadOnlySpan<byte> rdata in set)
                    {
                        Note(rdata, at++, known, order, weight, rank);
                    }
                }
                else
                {
                    Note(response.RdataOf(entry), records, known, order, weight, rank);
                }
            }

            records += more;
        }

        return count;
    }

    private static void Note(ReadOnlySpan<byte> rdata, int index, ReadOnlySpan<HostWeight> known, RecordOrder order, Span<byte> weight, Span<byte> rank)
    {
        ClientAddress address = rdata.Length is 4 or 16 ? new ClientAddress(rdata, 0) : default;
        rank[index] = order.RankOf(address);
        if (!weight.IsEmpty)
        {
            weight[index] = WeightTable.Find(known, address);
        }
    }

    private static bool IsSameRRset(DnsResponse response, in ResponseEntry one, in ResponseEntry other) =>
        one.Records is null && other.Records is null && one.Type == other.Type && one.Class == other.Class
        && response.OwnerOf(one).Equals(response.OwnerOf(other));

    /// <summary>Puts the records of one RRset into the order in which they stand among all.</summary>
    private static void ApplyWithin(DnsResponse response, Group group, int number, ReadOnlySpan<ushort> indices, ReadOnlySpan<ushort> groupOf)
    {
        Span<ushort> own = stackalloc ushort[indices.Length];
        int count = 0;
        foreach (ushort index in indices)
        {
            if (groupOf[index] == number)
            {
                own[count++] = (ushort)(index - group.First);
            }
        }

        own = own[..count];
        if (response.Entries[group.Start].Records is not null)
        {
            if (count is > 1 and <= RRsetOrder.MaxCount)
            {
                response.SetOrder(group.Start, RRsetOrder.Of(own));
            }

            return;
        }

        for (int i = 0; i < count; i++)
        {
            // What stood at own[i] may have been exchanged away before: follow it.
            int from = own[i];
            while (from < i)
            {
                from = own[from];
            }

            if (from != i)
            {
                response.Swap(group.Start + i, group.Start + from);
            }
        }
    }

    /// <summary>Puts the RRsets into the order of their first records.</summary>
    private static void ApplyBetween(DnsResponse response, int start, Span<Group> groups, ReadOnlySpan<ushort> indices, ReadOnlySpan<ushort> groupOf)
    {
        int place = start;
        foreach (ushort index in indices)
        {
            Group group = groups[groupOf[index]];
            if (groups.Length == 1 || group.Start < place)
            {
                continue;       // has its place
            }

            int length = group.End - group.Start;
            if (group.Start > place)
            {
                response.Rotate(place, group.End, group.Start - place);
                foreach (ref Group other in groups)
                {
                    if (other.Start >= place && other.Start < group.Start)
                    {
                        other = other with { Start = other.Start + length, End = other.End + length };
                    }
                }

                groups[groupOf[index]] = group with { Start = place, End = place + length };
            }

            place += length;
        }
    }

    /// <summary>The entries of one RRset.</summary>
    /// <param name="Start">The first entry.</param>
    /// <param name="End">The index after the last entry.</param>
    /// <param name="First">The number of its first record among all.</param>
    private readonly record struct Group(int Start, int End, int First);
}
