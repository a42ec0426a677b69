using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Exchanges address records in a message where they stand, which is possible when they are of one size and one owner.</summary>
internal static class WireBalancer
{
    /// <summary>A compressed owner, type, class: the octets of a record before its TTL.</summary>
    private const int BeforeTtl = 6;

    /// <summary>TTL and length: the octets between a TTL's place and the rdata.</summary>
    private const int TtlToRdata = 6;

    /// <summary>Balances the message, if its form allows it.</summary>
    /// <returns>False when the records have to be taken apart for it; nothing is changed then.</returns>
    public static bool TryBalance(DnsResponse response, RecordOrder order, WeightTable? weights)
    {
        ReadOnlySpan<byte> message = response.WireMessage;
        ReadOnlySpan<ushort> ttls = response.WireTtlOffsets;
        if (ttls.Length < 2)
        {
            return true;
        }

        DnsHeader.TryRead(message, out DnsHeader header);
        int additional = header.AnswerCount + header.AuthorityCount;
        if (!TryFind(message, ttls[..header.AnswerCount], weights is null, out Range answers)
            || !TryFind(message, ttls[additional..], weights is null, out Range others))
        {
            return false;
        }

        Balance(response, answers, order, weights);
        Balance(response, (others.Start.Value + additional)..(others.End.Value + additional), order, weights);
        return true;
    }

    /// <summary>Looks for the one run of address records in a section that can be balanced in place.</summary>
    /// <param name="message">The message.</param>
    /// <param name="ttls">The places of the TTLs of the section's records.</param>
    /// <param name="movesMx">True when MX records are balanced too.</param>
    /// <param name="run">The indices of the run's records; empty when there is nothing to balance.</param>
    /// <returns>False when what there is to balance is of another form.</returns>
    private static bool TryFind(ReadOnlySpan<byte> message, ReadOnlySpan<ushort> ttls, bool movesMx, out Range run)
    {
        run = default;
        int first = -1;
        int count = 0;
        int mx = 0;
        for (int i = 0; i < ttls.Length; i++)
        {
            switch (TypeAt(message, ttls[i]))
            {
                case DnsRecordType.A or DnsRecordType.AAAA:
                    if (first >= 0 && (first + count != i || !AreAlike(message, ttls[first], ttls[i - 1], ttls[i])))
                    {
                        return false;
                    }

                    first = first < 0 ? i : first;
                    count++;
                    break;
                case DnsRecordType.MX:
                    mx++;
                    break;
                case DnsRecordType.CNAME when count + mx > 0:
                    return false;
                default:
                    break;
            }
        }

        if (movesMx && mx > 1)
        {
            return false;
        }

        run = count > 1 ? first..(first + count) : default;
        return true;
    }

    private static DnsRecordType TypeAt(ReadOnlySpan<byte> message, int ttl) => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[(ttl - 4)..]);

    /// <summary>True when a record has the owner (as a pointer), type and length of another, and stands right behind the last one.</summary>
    private static bool AreAlike(ReadOnlySpan<byte> message, int first, int last, int ttl)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(first + 4)..]);
        return message[first - BeforeTtl] >= 0xC0
            && ttl - last == BeforeTtl + TtlToRdata + length
            && message.Slice(first - BeforeTtl, BeforeTtl).SequenceEqual(message.Slice(ttl - BeforeTtl, BeforeTtl))
            && BinaryPrimitives.ReadUInt16BigEndian(message[(ttl + 4)..]) == length;
    }

    private static void Balance(DnsResponse response, Range run, RecordOrder order, WeightTable? weights)
    {
        int count = run.End.Value - run.Start.Value;
        if (count is < 2 or > RecordOrder.MaxRecords)
        {
            return;
        }

        Span<byte> message = response.OwnWire();
        int first = response.WireTtlOffsets[run.Start.Value];
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(first + 4)..]);
        int stride = BeforeTtl + TtlToRdata + length;
        Span<byte> records = message.Slice(first, (count * stride) - BeforeTtl);     // from TTL to TTL: the owners stay where they are
        Span<ushort> indices = stackalloc ushort[count];
        Span<byte> weight = stackalloc byte[weights is null ? 0 : count];
        Span<byte> rank = stackalloc byte[order.LooksAtAddresses && length is 4 or 16 ? count : 0];
        if (!rank.IsEmpty)
        {
            Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
            var reader = new DnsReader(message, first - BeforeTtl);
            reader.TryReadName(owner, out int ownerLength);
            ReadOnlySpan<HostWeight> known = weights is null ? default : weights.Of(new DnsNameView(owner[..ownerLength]));
            for (int i = 0; i < count; i++)
            {
                var address = new ClientAddress(records.Slice((i * stride) + TtlToRdata, length), 0);
                rank[i] = order.RankOf(address);
                if (!weight.IsEmpty)
                {
                    weight[i] = WeightTable.Find(known, address);
                }
            }
        }
        else
        {
            weight.Fill(WeightTable.DefaultWeight);
        }

        order.ArrangeAddresses(indices, weight, rank);
        Permute(records, indices, stride, TtlToRdata + length);
    }

    /// <summary>Puts pieces of one size into an order, following the cycles of the permutation, which is used up.</summary>
    private static void Permute(Span<byte> pieces, Span<ushort> indices, int stride, int size)
    {
        Span<byte> kept = stackalloc byte[TtlToRdata + 16];
        if (size > kept.Length)
        {
            return;     // no address record has such a length
        }

        kept = kept[..size];
        for (int i = 0; i < indices.Length; i++)
        {
            if (indices[i] == i)
            {
                continue;
            }

            pieces.Slice(i * stride, size).CopyTo(kept);
            int at = i;
            while (indices[at] != i)
            {
                int from = indices[at];
                pieces.Slice(from * stride, size).CopyTo(pieces[(at * stride)..]);
                indices[at] = (ushort)at;
                at = from;
            }

            kept.CopyTo(pieces[(at * stride)..]);
            indices[at] = (ushort)at;
        }
    }
}
