using System.Buffers.Text;
using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>Puts a line together in memory that is known to be large enough.</summary>
internal ref struct LogLine(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>The octets written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What is left of the memory.</summary>
    public readonly Span<byte> Free => _destination[Length..];

    /// <summary>Takes octets that were written into <see cref="Free"/>.</summary>
    public void Advance(int octets) => Length += octets;

    /// <summary>Appends text.</summary>
    public void Append(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(Free);
        Length += text.Length;
    }

    /// <summary>Appends a number in decimal.</summary>
    public void Append(long number)
    {
        Utf8Formatter.TryFormat(number, Free, out int written);
        Length += written;
    }

    /// <summary>Appends nanoseconds as seconds with as many decimals as it takes, and <c>s</c>.</summary>
    public void AppendSeconds(long nanoseconds)
    {
        const long PerSecond = 1_000_000_000;
        Append(nanoseconds / PerSecond);
        long fraction = nanoseconds % PerSecond;
        if (fraction > 0)
        {
            _destination[Length++] = (byte)'.';
            for (long place = PerSecond / 10; fraction > 0; place /= 10)
            {
                _destination[Length++] = (byte)('0' + (fraction / place));
                fraction %= place;
            }
        }

        _destination[Length++] = (byte)'s';
    }

    /// <summary>Appends the flags that are set, <c>qr,aa,rd</c>.</summary>
    public void AppendFlags(ushort flags)
    {
        int start = Length;
        AppendFlag(flags, DnsHeader.ResponseFlag, "qr,"u8);
        AppendFlag(flags, DnsHeader.AuthoritativeFlag, "aa,"u8);
        AppendFlag(flags, DnsHeader.TruncatedFlag, "tc,"u8);
        AppendFlag(flags, DnsHeader.RecursionDesiredFlag, "rd,"u8);
        AppendFlag(flags, DnsHeader.RecursionAvailableFlag, "ra,"u8);
        AppendFlag(flags, 0x40, "z,"u8);
        AppendFlag(flags, DnsHeader.AuthenticDataFlag, "ad,"u8);
        AppendFlag(flags, DnsHeader.CheckingDisabledFlag, "cd,"u8);
        Length -= Length > start ? 1 : 0;
    }

    /// <summary>Appends an address without its port, IPv6 in brackets and as RFC 5952 §4 has it.</summary>
    public void AppendAddress(in ClientAddress address)
    {
        Span<char> text = stackalloc char[ClientAddress.MaxTextLength];
        text = text[..address.FormatAddress(text)];
        if (address.IsIPv6)
        {
            _destination[Length++] = (byte)'[';
        }

        Length += Encoding.ASCII.GetBytes(text, Free);
        if (address.IsIPv6)
        {
            _destination[Length++] = (byte)']';
        }
    }

    private void AppendFlag(ushort flags, ushort flag, scoped ReadOnlySpan<byte> text)
    {
        if ((flags & flag) != 0)
        {
            Append(text);
        }
    }
}
