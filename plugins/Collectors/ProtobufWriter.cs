using System.Buffers.Binary;
using System.Text;

namespace MiniDns.Plugins.Collectors;

/// <summary>Writes a message in the wire format of Protocol Buffers into memory that grows and is used again.</summary>
/// <remarks>The length of a message inside another is written once it is known, in a varint of four octets whatever it is: readers accept a varint
/// that is longer than need be, and nothing has to be measured or moved.</remarks>
internal sealed class ProtobufWriter
{
    private const int LengthOctets = 4;
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Delimited = 2;

    private byte[] _buffer = new byte[4096];
    private int _length;

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>The octets written.</summary>
    public int Length => _length;

    /// <summary>Begins anew.</summary>
    public void Clear() => _length = 0;

    /// <summary>Begins a message inside the present one.</summary>
    /// <returns>What <see cref="End"/> wants to have.</returns>
    public int Begin(int field)
    {
        WriteTag(field, Delimited);
        Reserve(LengthOctets);
        _length += LengthOctets;
        return _length;
    }

    /// <summary>Ends a message inside another.</summary>
    /// <param name="start">What <see cref="Begin"/> gave.</param>
    public void End(int start)
    {
        int length = _length - start;
        Span<byte> at = _buffer.AsSpan(start - LengthOctets);
        for (int i = 0; i < LengthOctets; i++)
        {
            at[i] = (byte)((length & 0x7F) | (i < LengthOctets - 1 ? 0x80 : 0));
            length >>= 7;
        }
    }

    /// <summary>Writes a text.</summary>
    public void WriteString(int field, string value)
    {
        WriteTag(field, Delimited);
        WriteVarint((ulong)Encoding.UTF8.GetByteCount(value));
        int most = Encoding.UTF8.GetMaxByteCount(value.Length);
        Reserve(most);
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
    }

    /// <summary>Writes octets.</summary>
    public void WriteBytes(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, Delimited);
        WriteVarint((ulong)value.Length);
        Reserve(value.Length);
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
    }

    /// <summary>Writes a number of the types int32, int64, uint32, uint64, bool and enum.</summary>
    public void WriteInteger(int field, long value)
    {
        WriteTag(field, Varint);
        WriteVarint((ulong)value);
    }

    /// <summary>Writes a number of the types fixed64 and sfixed64.</summary>
    public void WriteFixed(int field, ulong value)
    {
        WriteTag(field, Fixed64);
        AppendFixed(value);
    }

    /// <summary>Writes a floating-point number.</summary>
    public void WriteDouble(int field, double value) => WriteFixed(field, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Appends a number to a packed list, between <see cref="Begin"/> and <see cref="End"/>.</summary>
    public void AppendFixed(ulong value)
    {
        Reserve(sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(ulong);
    }

    private void WriteTag(int field, int wireType) => WriteVarint((ulong)((field << 3) | wireType));

    private void WriteVarint(ulong value)
    {
        Reserve(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    private void Reserve(int octets)
    {
        if (_buffer.Length - _length < octets)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + octets));
        }
    }
}
