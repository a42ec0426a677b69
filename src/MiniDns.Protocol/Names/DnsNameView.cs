using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MiniDns.Protocol.Names;

/// <summary>A name seen through the octets of an uncompressed wire form (RFC 1035 §3.1), without owning them.</summary>
/// <remarks>Only well-formed names are ever wrapped: whoever makes a view from untrusted octets checks them first
/// (<see cref="TryRead"/>, <see cref="Messages.DnsReader"/>).</remarks>
public readonly ref struct DnsNameView
{
    /// <summary>The longest name, in octets of wire form, the root label included (RFC 1035 §2.3.4).</summary>
    public const int MaxLength = 255;

    /// <summary>The longest label, in octets (RFC 1035 §2.3.4).</summary>
    public const int MaxLabelLength = 63;

    private readonly ReadOnlySpan<byte> _wire;

    /// <summary>Wraps the octets of a well-formed, uncompressed name.</summary>
    public DnsNameView(ReadOnlySpan<byte> wire) => _wire = wire;

    /// <summary>The octets, the root label included. Case is as received.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The length in octets, 1 to 255.</summary>
    public int Length => _wire.Length;

    /// <summary>True for the root.</summary>
    public bool IsRoot => _wire.Length <= 1;

    /// <summary>How many labels the name has; the root label does not count.</summary>
    public int LabelCount
    {
        get
        {
            int count = 0;
            for (int at = 0; at < _wire.Length && _wire[at] != 0; at += _wire[at] + 1)
            {
                count++;
            }

            return count;
        }
    }

    /// <summary>The leftmost label's octets, without its length; empty for the root.</summary>
    public ReadOnlySpan<byte> FirstLabel => IsRoot ? default : _wire.Slice(1, _wire[0]);

    /// <summary>The name without its leftmost label; the root's parent is the root.</summary>
    public DnsNameView Parent => IsRoot ? this : new(_wire[(_wire[0] + 1)..]);

    /// <summary>True when the leftmost label is a lone asterisk (RFC 4592 §2.1.1).</summary>
    public bool IsWildcard => _wire.Length > 2 && _wire[0] == 1 && _wire[1] == (byte)'*';

    /// <summary>The case-insensitive hash (<see cref="DnsNameHash"/>).</summary>
    public ulong Hash => DnsNameHash.Compute(_wire);

    /// <summary>Checks that octets start with a well-formed uncompressed name and wraps it.</summary>
    /// <returns>False when a label is longer than 63 octets, is a pointer, or the name is cut short or too long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> octets, out DnsNameView name)
    {
        int at = 0;
        while (at < octets.Length && at < MaxLength)
        {
            int length = octets[at];
            if (length == 0)
            {
                name = new DnsNameView(octets[..(at + 1)]);
                return true;
            }

            if (length > MaxLabelLength)
            {
                break;
            }

            at += length + 1;
        }

        name = default;
        return false;
    }

    /// <summary>Drops labels from the left.</summary>
    /// <param name="labels">How many to drop; at most <see cref="LabelCount"/>.</param>
    public DnsNameView Skip(int labels)
    {
        int at = 0;
        for (; labels > 0; labels--)
        {
            at += _wire[at] + 1;
        }

        return new DnsNameView(_wire[at..]);
    }

    /// <summary>Compares two names without regard to ASCII case (RFC 4343).</summary>
    public bool Equals(DnsNameView other) => EqualsIgnoringCase(_wire, other._wire);

    /// <summary>True when this name is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsSubdomainOf(DnsNameView ancestor)
    {
        int surplus = _wire.Length - ancestor._wire.Length;
        if (surplus < 0)
        {
            return false;
        }

        int at = 0;
        while (at < surplus)
        {
            at += _wire[at] + 1;
        }

        return at == surplus && EqualsIgnoringCase(_wire[at..], ancestor._wire);
    }

    /// <summary>Writes the lower-case form.</summary>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    public void CopyLowerTo(Span<byte> destination)
    {
        ReadOnlySpan<byte> from = _wire;
        Span<byte> to = destination[..from.Length];
        while (from.Length >= 8)
        {
            ulong folded = DnsNameHash.Fold(MemoryMarshal.Read<ulong>(from));
            MemoryMarshal.Write(to, in folded);
            from = from[8..];
            to = to[8..];
        }

        for (int i = 0; i < from.Length; i++)
        {
            to[i] = ToLower(from[i]);
        }
    }

    /// <summary>Orders two names as RFC 4034 §6.1 does: label by label from the right, each as lower-case octets.</summary>
    public int CompareCanonical(DnsNameView other)
    {
        Span<byte> mine = stackalloc byte[128];
        Span<byte> theirs = stackalloc byte[128];
        int left = LabelOffsets(mine);
        int right = other.LabelOffsets(theirs);
        while (left > 0 && right > 0)
        {
            left--;
            right--;
            ReadOnlySpan<byte> a = _wire.Slice(mine[left] + 1, _wire[mine[left]]);
            ReadOnlySpan<byte> b = other._wire.Slice(theirs[right] + 1, other._wire[theirs[right]]);
            int common = Math.Min(a.Length, b.Length);
            for (int i = 0; i < common; i++)
            {
                int difference = ToLower(a[i]) - ToLower(b[i]);
                if (difference != 0)
                {
                    return difference;
                }
            }

            if (a.Length != b.Length)
            {
                return a.Length - b.Length;
            }
        }

        return left - right;
    }

    /// <summary>The name in presentation format, always with the final dot.</summary>
    public override string ToString() => DnsNameText.Format(this);

    /// <summary>Owns a copy of this name, case as it is.</summary>
    public DnsName ToName() => DnsName.FromView(this);

    /// <summary>Lower-cases one octet if it is an ASCII letter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte ToLower(byte octet) => (uint)(octet - 'A') <= 'Z' - 'A' ? (byte)(octet | 0x20) : octet;

    /// <summary>Compares octets without regard to ASCII case.</summary>
    internal static bool EqualsIgnoringCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.Length != b.Length)
        {
            return false;
        }

        while (a.Length >= 8)
        {
            ulong x = MemoryMarshal.Read<ulong>(a);
            ulong y = MemoryMarshal.Read<ulong>(b);
            if (x != y && DnsNameHash.Fold(x) != DnsNameHash.Fold(y))
            {
                return false;
            }

            a = a[8..];
            b = b[8..];
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (ToLower(a[i]) != ToLower(b[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Notes where each label starts, leftmost first; a name has at most 127 labels.</summary>
    private int LabelOffsets(Span<byte> offsets)
    {
        int count = 0;
        for (int at = 0; at < _wire.Length && _wire[at] != 0; at += _wire[at] + 1)
        {
            offsets[count++] = (byte)at;
        }

        return count;
    }
}
