using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>Turns names into octets whose plain order is the canonical order (RFC 4034 §6.1), and sorts by them.</summary>
/// <remarks>
/// The key is the labels below the apex from right to left, in lower case, each ended by a zero; octets 0 and 1 inside
/// labels are written as 1 1 and 1 2. Sorting compares eight octets of key at a time as one number.
/// </remarks>
internal static class CanonicalKey
{
    /// <summary>The longest key: every octet of the longest name escaped.</summary>
    public const int MaxLength = 2 * DnsNameView.MaxLength;

    /// <summary>Writes the key of a name.</summary>
    /// <param name="name">The name, at or below the apex.</param>
    /// <param name="apexLength">The length of the apex in octets.</param>
    /// <param name="key">Takes the key.</param>
    /// <returns>The key's length.</returns>
    public static int Write(DnsNameView name, int apexLength, Span<byte> key)
    {
        Span<byte> starts = stackalloc byte[128];
        ReadOnlySpan<byte> wire = name.Wire;
        int end = wire.Length - apexLength;
        int labels = 0;
        for (int at = 0; at < end; at += wire[at] + 1)
        {
            starts[labels++] = (byte)at;
        }

        int length = 0;
        while (labels > 0)
        {
            int at = starts[--labels];
            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                if (octet <= 1)
                {
                    key[length++] = 1;
                    key[length++] = (byte)(octet + 1);
                }
                else
                {
                    key[length++] = (uint)(octet - 'A') <= 'Z' - 'A' ? (byte)(octet | 0x20) : octet;
                }
            }

            key[length++] = 0;
        }

        return length;
    }

    /// <summary>Eight octets of a name's key as a number.</summary>
    public static ulong Part(DnsNameView name, int apexLength, int from)
    {
        Span<byte> key = stackalloc byte[MaxLength + 8];
        int length = Write(name, apexLength, key);
        key[length..].Clear();
        return from >= length ? 0 : BinaryPrimitives.ReadUInt64BigEndian(key[from..]);
    }

    /// <summary>Sorts nodes of a zone canonically by their names, which all differ.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="ids">The nodes.</param>
    /// <returns>The first eight octets of each node's key.</returns>
    public static ulong[] Sort(Zone zone, int[] ids)
    {
        ulong[] keys = new ulong[ids.Length];
        Sort(zone, ids, keys, 0, ids.Length, 0);
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = Part(zone.NodeAt(ids[i]).Name, zone.Origin.Length, 0);
        }

        return keys;
    }

    private static void Sort(Zone zone, int[] ids, ulong[] keys, int start, int count, int depth)
    {
        int apex = zone.Origin.Length;
        for (int i = start; i < start + count; i++)
        {
            keys[i] = Part(zone.NodeAt(ids[i]).Name, apex, depth);
        }

        Array.Sort(keys, ids, start, count);
        for (int i = start; i < start + count;)
        {
            int end = i + 1;
            while (end < start + count && keys[end] == keys[i])
            {
                end++;
            }

            // Two nodes may have one name: an ordinary one, which comes first, and one of the NSEC3 chain.
            if (end - i == 2 && zone.NodeAt(ids[i]).Name.Equals(zone.NodeAt(ids[i + 1]).Name))
            {
                if ((zone.NodeAt(ids[i]).Traits & NodeTraits.Hashed) != 0)
                {
                    (ids[i], ids[i + 1]) = (ids[i + 1], ids[i]);
                }
            }
            else if (end - i > 1)
            {
                Sort(zone, ids, keys, i, end - i, depth + 8);
            }

            i = end;
        }
    }
}
