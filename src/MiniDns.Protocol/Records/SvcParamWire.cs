using System.Buffers.Binary;

namespace MiniDns.Protocol.Records;

/// <summary>SVCB parameters on the wire (RFC 9460 §2.2).</summary>
internal static class SvcParamWire
{
    /// <summary>Checks order, lengths, the form of each known key's value, and that the parameters agree with each other (§8).</summary>
    internal static bool IsWellFormed(ReadOnlySpan<byte> parameters)
    {
        ReadOnlySpan<byte> rest = parameters;
        int previous = -1;
        while (TryNext(ref rest, out int key, out ReadOnlySpan<byte> value))
        {
            if (key <= previous || !IsValue((SvcParamKey)key, value))
            {
                return false;
            }

            switch ((SvcParamKey)key)
            {
                case SvcParamKey.Mandatory when !HasAll(parameters, value):
                case SvcParamKey.NoDefaultAlpn when previous != (int)SvcParamKey.Alpn:
                    return false;
                default:
                    previous = key;
                    break;
            }
        }

        return rest.IsEmpty;
    }

    /// <summary>Takes the next parameter off the front; false at the end or when what is left is not a parameter.</summary>
    internal static bool TryNext(ref ReadOnlySpan<byte> rest, out int key, out ReadOnlySpan<byte> value)
    {
        key = 0;
        value = default;
        if (rest.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        if (rest.Length - 4 < length)
        {
            return false;
        }

        key = BinaryPrimitives.ReadUInt16BigEndian(rest);
        value = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return true;
    }

    /// <summary>Checks the form of one value.</summary>
    internal static bool IsValue(SvcParamKey key, ReadOnlySpan<byte> value) => key switch
    {
        SvcParamKey.Mandatory => IsKeyList(value),
        SvcParamKey.Alpn => IsProtocolList(value),
        SvcParamKey.NoDefaultAlpn or SvcParamKey.Ohttp => value.IsEmpty,
        SvcParamKey.Port => value.Length == 2,
        SvcParamKey.IPv4Hint => value.Length > 0 && value.Length % 4 == 0,
        SvcParamKey.EncryptedClientHello or SvcParamKey.DohPath => value.Length > 0,
        SvcParamKey.IPv6Hint => value.Length > 0 && value.Length % 16 == 0,
        SvcParamKey.TlsSupportedGroups => value.Length > 0 && value.Length % 2 == 0,
        _ => true,
    };

    private static bool IsKeyList(ReadOnlySpan<byte> value)
    {
        int previous = 0;       // "mandatory" must not list itself, so the keys ascend from zero
        for (; value.Length >= 2; value = value[2..])
        {
            int key = BinaryPrimitives.ReadUInt16BigEndian(value);
            if (key <= previous)
            {
                return false;
            }

            previous = key;
        }

        return value.IsEmpty && previous > 0;
    }

    private static bool IsProtocolList(ReadOnlySpan<byte> value)
    {
        bool any = false;
        while (!value.IsEmpty)
        {
            int length = value[0];
            if (length == 0 || length >= value.Length)
            {
                return false;
            }

            any = true;
            value = value[(length + 1)..];
        }

        return any;
    }

    private static bool HasAll(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> keys)
    {
        // both ascend, so one walk over the parameters finds them all
        while (keys.Length >= 2)
        {
            int wanted = BinaryPrimitives.ReadUInt16BigEndian(keys);
            int key;
            do
            {
                if (!TryNext(ref parameters, out key, out _))
                {
                    return false;
                }
            }
            while (key < wanted);
            if (key != wanted)
            {
                return false;
            }

            keys = keys[2..];
        }

        return true;
    }
}
