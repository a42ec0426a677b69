using System.Buffers.Binary;

namespace MiniDns.Protocol.Messages;

/// <summary>Goes through the options of an OPT record; stops at the first that is cut short.</summary>
public ref struct EdnsOptionEnumerator
{
    private ReadOnlySpan<byte> _rest;
    private ushort _code;
    private ReadOnlySpan<byte> _data;

    /// <summary>Starts before the first option.</summary>
    /// <param name="options">The rdata of the OPT record.</param>
    public EdnsOptionEnumerator(ReadOnlySpan<byte> options)
    {
        _rest = options;
        _code = 0;
        _data = default;
    }

    /// <summary>The present option.</summary>
    public readonly EdnsOption Current => new((EdnsOptionCode)_code, _data);

    /// <summary>This enumerator, so that <c>foreach</c> takes it.</summary>
    public readonly EdnsOptionEnumerator GetEnumerator() => this;

    /// <summary>Moves to the next option.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(_rest[2..]);
        if (_rest.Length - 4 < length)
        {
            return false;
        }

        _code = BinaryPrimitives.ReadUInt16BigEndian(_rest);
        _data = _rest.Slice(4, length);
        _rest = _rest[(4 + length)..];
        return true;
    }
}
