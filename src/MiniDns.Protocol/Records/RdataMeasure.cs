using System.Buffers.Binary;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Records;

/// <summary>Finds where each field of untrusted rdata ends, and so whether the rdata has its type's form.</summary>
internal static class RdataMeasure
{
    /// <summary>The length in octets of a field whose names are uncompressed.</summary>
    /// <param name="field">The field.</param>
    /// <param name="rdata">The whole rdata.</param>
    /// <param name="at">Where the field starts, at most the rdata's length.</param>
    /// <returns>-1 when the octets do not have the field's form.</returns>
    internal static int Measure(RdataField field, ReadOnlySpan<byte> rdata, int at)
    {
        ReadOnlySpan<byte> rest = rdata[at..];
        int length = field.FixedLength;
        if (length >= 0)
        {
            return length > rest.Length || (field.Kind == RdataFieldKind.Location && !IsLocation(rest)) ? -1 : length;
        }

        return field.Kind switch
        {
            RdataFieldKind.Name => NameLength(rest),
            RdataFieldKind.CharacterString or RdataFieldKind.Salt => ShortLength(rest),
            RdataFieldKind.HashedOwner => ShortLength(rest) is int hash and > 1 ? hash : -1,
            RdataFieldKind.OptionalCharacterString => rest.IsEmpty ? 0 : ShortLength(rest),
            RdataFieldKind.CharacterStrings => rest.Length >= field.MinLength && AreStrings(rest) ? rest.Length : -1,
            RdataFieldKind.Tag => IsTag(rest) ? rest[0] + 1 : -1,
            RdataFieldKind.SizedBase64 => SizedLength(rest),
            RdataFieldKind.TypeBitmap => IsTypeBitmap(rest) ? rest.Length : -1,
            RdataFieldKind.NxtBitmap => IsNxtBitmap(rest) ? rest.Length : -1,
            RdataFieldKind.SvcParams => SvcParamWire.IsWellFormed(rest) ? rest.Length : -1,
            RdataFieldKind.IpsecGateway => GatewayLength(rdata[at - 2], rest),
            RdataFieldKind.AmtRelay => AmtRelayLength(rest),
            RdataFieldKind.AddressPrefixes => AreAddressPrefixes(rest) ? rest.Length : -1,
            RdataFieldKind.Services => rest.Length is >= 1 and <= 8193 ? rest.Length : -1,
            RdataFieldKind.AddressSuffix => AddressSuffixLength(rest, out _),
            RdataFieldKind.HostIdentity => IsHostIdentity(rest) ? rest.Length : -1,
            RdataFieldKind.AtmAddress => rest.Length >= 2 ? rest.Length : -1,
            RdataFieldKind.EdnsOptions => AreOptions(rest) ? rest.Length : -1,
            _ => rest.Length >= field.MinLength ? rest.Length : -1,
        };
    }

    /// <summary>The length of A6's address suffix and name together, and where the name starts; -1 when malformed.</summary>
    internal static int AddressSuffixLength(ReadOnlySpan<byte> rest, out int nameAt)
    {
        nameAt = 0;
        if (rest.IsEmpty || rest[0] > 128)
        {
            return -1;
        }

        nameAt = 1 + ((128 - rest[0] + 7) / 8);
        if (nameAt > rest.Length)
        {
            return -1;
        }

        if (rest[0] == 0)
        {
            return nameAt;
        }

        int name = NameLength(rest[nameAt..]);
        return name < 0 ? -1 : nameAt + name;
    }

    private static int NameLength(ReadOnlySpan<byte> rest) => DnsNameView.TryRead(rest, out DnsNameView name) ? name.Length : -1;

    private static int ShortLength(ReadOnlySpan<byte> rest) => !rest.IsEmpty && rest[0] < rest.Length ? rest[0] + 1 : -1;

    private static int SizedLength(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 2)
        {
            return -1;
        }

        int length = 2 + BinaryPrimitives.ReadUInt16BigEndian(rest);
        return length <= rest.Length ? length : -1;
    }

    private static bool AreStrings(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            int length = rest[0] + 1;
            if (length > rest.Length)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    private static bool IsTag(ReadOnlySpan<byte> rest)
    {
        if (ShortLength(rest) < 2)
        {
            return false;
        }

        foreach (byte octet in rest.Slice(1, rest[0]))
        {
            if (!char.IsAsciiLetterOrDigit((char)octet))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsTypeBitmap(ReadOnlySpan<byte> rest)
    {
        int previous = -1;
        while (!rest.IsEmpty)
        {
            // RFC 4034 §4.1.2: windows ascend, have 1 to 32 octets, and do not end in a zero octet
            if (rest.Length < 3 || rest[0] <= previous || rest[1] is 0 or > 32 || rest.Length < 2 + rest[1] || rest[1 + rest[1]] == 0)
            {
                return false;
            }

            previous = rest[0];
            rest = rest[(2 + rest[1])..];
        }

        return true;
    }

    private static bool IsNxtBitmap(ReadOnlySpan<byte> rest) =>
        rest.IsEmpty || (rest.Length <= 16 && (rest[0] & 0x80) == 0 && rest[^1] != 0);

    private static int GatewayLength(byte type, ReadOnlySpan<byte> rest) => type switch
    {
        0 => 0,
        1 => rest.Length >= 4 ? 4 : -1,
        2 => rest.Length >= 16 ? 16 : -1,
        3 => NameLength(rest),
        _ => -1,
    };

    private static int AmtRelayLength(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            return -1;
        }

        int type = rest[0] & 0x7F;
        int length = type > 3 ? rest.Length - 1 : GatewayLength((byte)type, rest[1..]);
        return length < 0 ? -1 : length + 1;
    }

    private static bool AreAddressPrefixes(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < 4)
            {
                return false;
            }

            int family = BinaryPrimitives.ReadUInt16BigEndian(rest);
            int prefix = rest[2];
            int length = rest[3] & 0x7F;
            int width = family switch { 1 => 4, 2 => 16, _ => 127 };
            if (rest.Length < 4 + length
                || length > width
                || (width <= 16 && prefix > width * 8)
                || (length > 0 && rest[3 + length] == 0))
            {
                return false;
            }

            rest = rest[(4 + length)..];
        }

        return true;
    }

    private static bool IsLocation(ReadOnlySpan<byte> rest)
    {
        if (rest[0] != 0)
        {
            return false;
        }

        for (int i = 1; i <= 3; i++)
        {
            int mantissa = rest[i] >> 4;
            int exponent = rest[i] & 0xF;
            if (mantissa > 9 || exponent > 9 || (mantissa == 0 && exponent > 0))
            {
                return false;
            }
        }

        const long Equator = 0x80000000;
        return Math.Abs(BinaryPrimitives.ReadUInt32BigEndian(rest[4..]) - Equator) <= 90L * 3600 * 1000
            && Math.Abs(BinaryPrimitives.ReadUInt32BigEndian(rest[8..]) - Equator) <= 180L * 3600 * 1000;
    }

    private static bool IsHostIdentity(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 4 || rest[0] == 0)
        {
            return false;
        }

        int key = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        int servers = 4 + rest[0] + key;
        if (key == 0 || servers > rest.Length)
        {
            return false;
        }

        rest = rest[servers..];
        while (!rest.IsEmpty)
        {
            int length = NameLength(rest);
            if (length < 0)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    private static bool AreOptions(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < 4)
            {
                return false;
            }

            int length = 4 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length > rest.Length)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }
}
