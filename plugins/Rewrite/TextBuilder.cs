using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>Puts the text of a name together, and reads it as a name.</summary>
internal ref struct TextBuilder
{
    private readonly Span<byte> _buffer;
    private int _length;
    private bool _isTooLong;

    /// <summary>Starts with nothing.</summary>
    /// <param name="buffer"><see cref="DnsNameText.MaxChars"/> octets hold every name.</param>
    public TextBuilder(Span<byte> buffer) => _buffer = buffer;

    /// <summary>Adds a piece.</summary>
    public void Add(scoped ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _buffer.Length - _length)
        {
            _isTooLong = true;
            return;
        }

        piece.CopyTo(_buffer[_length..]);
        _length += piece.Length;
    }

    /// <summary>Adds a piece that is ASCII.</summary>
    public void Add(scoped ReadOnlySpan<char> piece)
    {
        if (piece.Length > _buffer.Length - _length)
        {
            _isTooLong = true;
            return;
        }

        foreach (char c in piece)
        {
            _buffer[_length++] = (byte)c;
        }
    }

    /// <summary>Reads the pieces as a name.</summary>
    /// <param name="wire">Takes the name's wire form, <see cref="DnsNameView.MaxLength"/> octets.</param>
    /// <param name="length">Its length.</param>
    public readonly NameChange ToName(scoped Span<byte> wire, out int length)
    {
        length = 0;
        return !_isTooLong && DnsNameText.TryParse(_buffer[.._length], DnsName.Root.View, wire, out length, out _) ? NameChange.Changed : NameChange.Invalid;
    }
}
