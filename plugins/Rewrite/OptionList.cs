using System.Buffers.Binary;
using MiniDns.Protocol.Messages;

namespace MiniDns.Plugins.Rewrite;

/// <summary>EDNS options in wire form, to be changed.</summary>
internal sealed class OptionList
{
    private const int Kept = 4096;

    private byte[] _octets = [];
    private int _length;

    /// <summary>The options in wire form.</summary>
    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

    /// <summary>True when options in wire form have one with a code.</summary>
    public static bool Contains(ReadOnlySpan<byte> options, EdnsOptionCode code)
    {
        foreach (EdnsOption option in new EdnsOptionEnumerator(options))
        {
            if (option.Code == code)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Starts with other options.</summary>
    public void Load(ReadOnlySpan<byte> options)
    {
        _length = 0;
        if (_octets.Length > Kept)
        {
            _octets = [];
        }

        Reserve(options.Length);
        options.CopyTo(_octets);
        _length = options.Length;
    }

    /// <summary>Finds the first option with a code.</summary>
    public bool TryFind(EdnsOptionCode code, out ReadOnlySpan<byte> data)
    {
        foreach (EdnsOption option in new EdnsOptionEnumerator(Octets))
        {
            if (option.Code == code)
            {
                data = option.Data;
                return true;
            }
        }

        data = default;
        return false;
    }

    /// <summary>Replaces the first option with a code in its place, or adds one.</summary>
    public void Set(EdnsOptionCode code, ReadOnlySpan<byte> data)
    {
        int at = IndexOf(code);
        int old = at < _length ? LengthAt(at) : 0;
        int length = 4 + data.Length;
        Reserve(Math.Max(length - old, 0));
        _octets.AsSpan(at + old, _length - at - old).CopyTo(_octets.AsSpan(at + length));
        BinaryPrimitives.WriteUInt16BigEndian(_octets.AsSpan(at), (ushort)code);
        BinaryPrimitives.WriteUInt16BigEndian(_octets.AsSpan(at + 2), (ushort)data.Length);
        data.CopyTo(_octets.AsSpan(at + 4));
        _length += length - old;
    }

    /// <summary>Removes every option with a code.</summary>
    public void Remove(EdnsOptionCode code)
    {
        for (int at = IndexOf(code); at < _length; at = IndexOf(code))
        {
            int old = LengthAt(at);
            _octets.AsSpan(at + old, _length - at - old).CopyTo(_octets.AsSpan(at));
            _length -= old;
        }
    }

    /// <summary>Where the first option with a code starts; the end when there is none.</summary>
    private int IndexOf(EdnsOptionCode code)
    {
        int at = 0;
        while (at < _length && BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(at)) != (ushort)code)
        {
            at += LengthAt(at);
        }

        return at;
    }

    private int LengthAt(int at) => 4 + BinaryPrimitives.ReadUInt16BigEndian(_octets.AsSpan(at + 2));

    private void Reserve(int more)
    {
        if (_length + more > _octets.Length)
        {
            Array.Resize(ref _octets, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(_length + more)));
        }
    }
}
