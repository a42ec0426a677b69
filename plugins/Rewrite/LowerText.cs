using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rewrite;

/// <summary>A name in lower case, and its presentation format when somebody asks for it.</summary>
internal ref struct LowerText
{
    private readonly Span<byte> _buffer;
    private int _length;

    /// <summary>Starts without a name.</summary>
    /// <param name="buffer">Takes the text: <see cref="DnsNameText.MaxChars"/> octets; none when nobody will ask for it.</param>
    public LowerText(Span<byte> buffer) => _buffer = buffer;

    /// <summary>The name, in lower case.</summary>
    public DnsNameView Name { get; private set; }

    /// <summary>The name in presentation format with the final dot; ASCII.</summary>
    public ReadOnlySpan<byte> Text
    {
        get
        {
            if (_length == 0)
            {
                _length = DnsNameText.Format(Name, _buffer);
            }

            return _buffer[.._length];
        }
    }

    /// <summary>Turns to another name.</summary>
    /// <param name="name">The name, in lower case.</param>
    public void Set(DnsNameView name)
    {
        Name = name;
        _length = 0;
    }
}
