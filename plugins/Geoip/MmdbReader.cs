using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;

namespace MiniDns.Plugins.Geoip;

/// <summary>Goes through values of the MaxMind DB format. Trusts nothing: every step is within bounds, and there are only so many.</summary>
/// <param name="data">The data section: pointers count from its beginning.</param>
/// <param name="position">Where to begin.</param>
internal ref struct MmdbReader(ReadOnlySpan<byte> data, int position)
{
    /// <summary>The most values that are looked at on the way to one. A city's record has some hundred.</summary>
    private const int MaxSteps = 4096;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position = position;
    private int _steps = MaxSteps;

    /// <summary>Goes from a map to the value under a key.</summary>
    public bool TryEnter(ReadOnlySpan<byte> key)
    {
        if (!TryReadHeader(out MmdbType type, out int count) || type != MmdbType.Map)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!TryReadKey(out ReadOnlySpan<byte> found))
            {
                return false;
            }

            if (found.SequenceEqual(key))
            {
                return true;
            }

            if (!TrySkip())
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Goes from an array to its first value.</summary>
    /// <param name="count">How many values it has.</param>
    public bool TryEnterArray(out int count) => TryReadHeader(out MmdbType type, out count) && type == MmdbType.Array;

    /// <summary>Goes past a value.</summary>
    public bool TrySkip()
    {
        long values = 1;
        while (values > 0)
        {
            if (!TryReadOwnHeader(out MmdbType type, out int size))
            {
                return false;
            }

            values--;
            switch (type)
            {
                case MmdbType.Pointer or MmdbType.Boolean:
                    break;
                case MmdbType.Map:
                    values += 2L * size;
                    break;
                case MmdbType.Array:
                    values += size;
                    break;
                case MmdbType.Container or MmdbType.End:
                    return false;
                default:
                    if (!TryTake(size, out _))
                    {
                        return false;
                    }

                    break;
            }
        }

        return true;
    }

    /// <summary>Reads a whole number that is not negative.</summary>
    public bool TryReadNumber(out ulong value)
    {
        value = 0;
        if (!TryReadHeader(out MmdbType type, out int size)
            || type is not (MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64)
            || size > sizeof(ulong)
            || !TryTake(size, out ReadOnlySpan<byte> octets))
        {
            return false;
        }

        foreach (byte octet in octets)
        {
            value = (value << 8) | octet;
        }

        return true;
    }

    /// <summary>Reads a simple value as text: a text as it is, numbers in decimal, <c>true</c> and <c>false</c>.</summary>
    /// <param name="destination">Takes the text in UTF-8; cut off, at a character's end, where it does not fit.</param>
    /// <param name="written">How many octets were written.</param>
    public bool TryReadText(scoped Span<byte> destination, out int written)
    {
        written = 0;
        int start = _position;
        if (!TryReadHeader(out MmdbType type, out int size))
        {
            return false;
        }

        ReadOnlySpan<byte> octets = default;
        if (type is not MmdbType.Boolean && !TryTake(size, out octets))
        {
            return false;
        }

        switch (type)
        {
            case MmdbType.Text:
                ReadOnlySpan<byte> text = octets.Length <= destination.Length ? octets : octets[..destination.Length];
                while (text.Length < octets.Length && text.Length > 0 && (octets[text.Length] & 0xC0) == 0x80)
                {
                    text = text[..^1];
                }

                if (!Utf8.IsValid(text))
                {
                    return false;
                }

                text.CopyTo(destination);
                written = text.Length;
                return true;
            case MmdbType.Double when size == sizeof(double):
                return TryFormat(BinaryPrimitives.ReadDoubleBigEndian(octets), destination, out written);
            case MmdbType.Float when size == sizeof(float):
                return TryFormat(BinaryPrimitives.ReadSingleBigEndian(octets), destination, out written);
            case MmdbType.Boolean:
                return Utf8Formatter.TryFormat(size != 0, destination, out written, 'l');
            case MmdbType.Int32 when size <= sizeof(int):
                int signed = 0;
                foreach (byte octet in octets)
                {
                    signed = (signed << 8) | octet;
                }

                return Utf8Formatter.TryFormat(signed, destination, out written);
            case MmdbType.UInt16 or MmdbType.UInt32 or MmdbType.UInt64:
                _position = start;
                return TryReadNumber(out ulong number) && Utf8Formatter.TryFormat(number, destination, out written);
            default:
                return false;
        }
    }

    private static bool TryFormat(double value, Span<byte> destination, out int written)
    {
        // As many digits as tell it from its neighbours, and no exponent.
        written = 0;
        bool isPlain = Math.Abs(value) is 0 or (>= 1e-4 and < 1e15);
        return double.IsFinite(value) && value.TryFormat(destination, out written, isPlain ? default : "0.####################", CultureInfo.InvariantCulture);
    }

    /// <summary>Reads what a value is, at its place or where a pointer leads.</summary>
    private bool TryReadHeader(out MmdbType type, out int size)
    {
        if (!TryReadOwnHeader(out type, out size))
        {
            return false;
        }

        if (type != MmdbType.Pointer)
        {
            return true;
        }

        // A pointer leads to a value, never to another pointer.
        _position = size;
        return TryReadOwnHeader(out type, out size) && type != MmdbType.Pointer;
    }

    private bool TryReadKey(out ReadOnlySpan<byte> key)
    {
        key = default;
        if (!TryReadOwnHeader(out MmdbType type, out int size))
        {
            return false;
        }

        if (type == MmdbType.Text)
        {
            return TryTake(size, out key);
        }

        int after = _position;
        _position = size;
        bool isKey = type == MmdbType.Pointer && TryReadOwnHeader(out type, out size) && type == MmdbType.Text && TryTake(size, out key);
        _position = after;
        return isKey;
    }

    /// <summary>Reads what stands here; for a pointer the size is where it leads.</summary>
    private bool TryReadOwnHeader(out MmdbType type, out int size)
    {
        type = default;
        size = 0;
        if (--_steps < 0 || !TryTake(1, out ReadOnlySpan<byte> octets))
        {
            return false;
        }

        int control = octets[0];
        type = (MmdbType)(control >> 5);
        if (type == MmdbType.Pointer)
        {
            return TryReadPointer(control, out size);
        }

        if (type == 0)
        {
            if (!TryTake(1, out octets))
            {
                return false;
            }

            type = (MmdbType)(octets[0] + 7);
            if (type is < MmdbType.Int32 or > MmdbType.Float)
            {
                return false;
            }
        }

        size = control & 0x1F;
        if (size < 29)
        {
            return true;
        }

        int more = size - 28;
        if (!TryTake(more, out octets))
        {
            return false;
        }

        size = more switch
        {
            1 => 29 + octets[0],
            2 => 285 + BinaryPrimitives.ReadUInt16BigEndian(octets),
            _ => 65821 + ((octets[0] << 16) | (octets[1] << 8) | octets[2]),
        };
        return true;
    }

    private bool TryReadPointer(int control, out int target)
    {
        target = 0;
        int length = ((control >> 3) & 3) + 1;
        if (!TryTake(length, out ReadOnlySpan<byte> octets))
        {
            return false;
        }

        uint value = length == 4 ? 0 : (uint)(control & 7);
        foreach (byte octet in octets)
        {
            value = (value << 8) | octet;
        }

        value += length switch { 2 => 2048u, 3 => 526336u, _ => 0u };
        target = (int)Math.Min(value, int.MaxValue);
        return target < _data.Length;
    }

    private bool TryTake(int count, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        if (count > _data.Length - _position)
        {
            return false;
        }

        octets = _data.Slice(_position, count);
        _position += count;
        return true;
    }
}
