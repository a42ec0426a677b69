using System.Buffers.Text;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Presentation;

/// <summary>Builds ASCII text in a span. Not fitting is noted, not thrown: what is written after it does not count.</summary>
internal ref struct PresentationWriter
{
    private readonly Span<byte> _destination;

    public PresentationWriter(Span<byte> destination)
    {
        _destination = destination;
        Length = 0;
        Overflowed = false;
    }

    /// <summary>The octets written.</summary>
    public int Length { get; set; }

    /// <summary>True when something did not fit.</summary>
    public bool Overflowed { get; private set; }

    public void Append(byte octet)
    {
        if (Length < _destination.Length)
        {
            _destination[Length++] = octet;
        }
        else
        {
            Overflowed = true;
        }
    }

    public void Append(scoped ReadOnlySpan<byte> text)
    {
        if (text.TryCopyTo(_destination[Length..]))
        {
            Length += text.Length;
        }
        else
        {
            Overflowed = true;
        }
    }

    public void AppendNumber(long value, int minDigits = 0)
    {
        if (Utf8Formatter.TryFormat(value, _destination[Length..], out int written, minDigits == 0 ? default : new System.Buffers.StandardFormat('D', (byte)minDigits)))
        {
            Length += written;
        }
        else
        {
            Overflowed = true;
        }
    }

    public void AppendMnemonic(MnemonicTable table, ushort value)
    {
        if (table.TryFormat(value, _destination[Length..], out int written))
        {
            Length += written;
        }
        else
        {
            Overflowed = true;
        }
    }

    public void AppendName(scoped DnsNameView name)
    {
        if (_destination.Length - Length >= DnsNameText.MaxChars)
        {
            Length += DnsNameText.Format(name, _destination[Length..]);
            return;
        }

        Span<byte> scratch = stackalloc byte[DnsNameText.MaxChars];
        Append(scratch[..DnsNameText.Format(name, scratch)]);
    }

    /// <summary>Writes octets between quotes: <c>"</c> and <c>\</c> after a backslash, what is not printable as <c>\DDD</c>.</summary>
    public void AppendQuoted(scoped ReadOnlySpan<byte> octets)
    {
        Append((byte)'"');
        foreach (byte octet in octets)
        {
            AppendEscaped(octet);
        }

        Append((byte)'"');
    }

    public void AppendEscaped(byte octet)
    {
        switch (octet)
        {
            case (byte)'"' or (byte)'\\':
                Append((byte)'\\');
                Append(octet);
                break;
            case >= 0x20 and < 0x7F:
                Append(octet);
                break;
            default:
                Append((byte)'\\');
                AppendNumber(octet, 3);
                break;
        }
    }

    public void AppendHex(scoped ReadOnlySpan<byte> octets, bool upperCase)
    {
        ReadOnlySpan<byte> digits = upperCase ? "0123456789ABCDEF"u8 : "0123456789abcdef"u8;
        if (_destination.Length - Length < octets.Length * 2)
        {
            Overflowed = true;
            return;
        }

        foreach (byte octet in octets)
        {
            _destination[Length++] = digits[octet >> 4];
            _destination[Length++] = digits[octet & 0xF];
        }
    }

    public void AppendBase64(scoped ReadOnlySpan<byte> octets)
    {
        if (Base64.EncodeToUtf8(octets, _destination[Length..], out _, out int written) == System.Buffers.OperationStatus.Done)
        {
            Length += written;
        }
        else
        {
            Overflowed = true;
        }
    }

    /// <summary>Writes base32 with the "extended hex" alphabet and no padding (RFC 4648 §7, RFC 5155 §3.3).</summary>
    public void AppendBase32Hex(scoped ReadOnlySpan<byte> octets)
    {
        ReadOnlySpan<byte> digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV"u8;
        int bits = 0;
        int pending = 0;
        foreach (byte octet in octets)
        {
            pending = ((pending << 8) | octet) & 0xFFF;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                Append(digits[(pending >> (bits - 5)) & 0x1F]);
            }
        }

        if (bits > 0)
        {
            Append(digits[(pending << (5 - bits)) & 0x1F]);
        }
    }
}
