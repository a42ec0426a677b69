using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Reads the fields of rdata that are made of several tokens or whose form another token names.</summary>
internal static class CompositeRdataParser
{
    private const string TooLong = "rdata must not be longer than 65535 octets";

    /// <summary>Reads APL items: <c>[!]family:address/prefix</c> (RFC 3123 §5).</summary>
    internal static bool TryParsePrefixes(ref ZoneLexer lexer, scoped Span<byte> rdata, ref int length)
    {
        const string Form = "an address prefix must be 1:, an IPv4 address, / and up to 32, or 2:, an IPv6 address, / and up to 128, after ! if negated";
        Span<byte> address = stackalloc byte[16];
        while (lexer.TryNext(out ZoneToken token))
        {
            ReadOnlySpan<byte> text = lexer.Slice(token);
            bool negated = text is [(byte)'!', ..];
            text = negated ? text[1..] : text;
            int slash = text.IndexOf((byte)'/');
            if (slash < 2 || text[1] != ':' || text[0] is not ((byte)'1' or (byte)'2'))
            {
                return lexer.Fail(Form);
            }

            int family = text[0] - '0';
            int width = family == 1 ? 4 : 16;
            if (!(family == 1 ? AddressText.TryParseIPv4(text[2..slash], address) : AddressText.TryParseIPv6(text[2..slash], address))
                || !NumberText.TryParse(text[(slash + 1)..], (ulong)width * 8, out ulong prefix))
            {
                return lexer.Fail(Form);
            }

            ReadOnlySpan<byte> octets = address[..width].TrimEnd((byte)0);
            if (rdata.Length - length < 4 + octets.Length)
            {
                return lexer.Fail(TooLong);
            }

            rdata[length] = 0;
            rdata[length + 1] = (byte)family;
            rdata[length + 2] = (byte)prefix;
            rdata[length + 3] = (byte)(octets.Length | (negated ? 0x80 : 0));
            octets.CopyTo(rdata[(length + 4)..]);
            length += 4 + octets.Length;
        }

        return lexer.Error is null;
    }

    /// <summary>Reads WKS's protocol and ports.</summary>
    internal static bool TryParseServices(ref ZoneLexer lexer, scoped Span<byte> rdata, ref int length)
    {
        if (!lexer.TryExpect("a protocol, TCP, UDP or a number up to 255,", out ZoneToken token))
        {
            return false;
        }

        ReadOnlySpan<byte> text = lexer.Slice(token);
        ulong protocol;
        if (DnsNameView.EqualsIgnoringCase(text, "tcp"u8))
        {
            protocol = 6;
        }
        else if (DnsNameView.EqualsIgnoringCase(text, "udp"u8))
        {
            protocol = 17;
        }
        else if (!NumberText.TryParse(text, 255, out protocol))
        {
            return lexer.Fail("a protocol must be TCP, UDP or a number up to 255");
        }

        Span<byte> bits = stackalloc byte[8192];
        bits.Clear();
        while (lexer.TryNext(out token))
        {
            if (!TryParseService(lexer.Slice(token), out int port))
            {
                return lexer.Fail("a service must be a port number up to 65535");
            }

            bits[port >> 3] |= (byte)(0x80 >> (port & 7));
        }

        ReadOnlySpan<byte> octets = bits.TrimEnd((byte)0);
        if (rdata.Length - length < 1 + octets.Length)
        {
            return lexer.Fail(TooLong);
        }

        rdata[length] = (byte)protocol;
        octets.CopyTo(rdata[(length + 1)..]);
        length += 1 + octets.Length;
        return lexer.Error is null;
    }

    /// <summary>Reads A6's prefix length, suffix and name (RFC 2874 §3.2).</summary>
    internal static bool TryParseSuffix(ref ZoneLexer lexer, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        if (!lexer.TryExpect("a prefix length", out ZoneToken token))
        {
            return false;
        }

        if (!NumberText.TryParse(lexer.Slice(token), 128, out ulong prefix) || rdata.Length - length < 17)
        {
            return lexer.Fail("a prefix length must be a number up to 128");
        }

        rdata[length++] = (byte)prefix;
        int octets = (128 - (int)prefix + 7) / 8;
        if (octets > 0)
        {
            Span<byte> address = stackalloc byte[16];
            if (!lexer.TryExpect("an IPv6 address", out token))
            {
                return false;
            }

            if (!AddressText.TryParseIPv6(lexer.Slice(token), address))
            {
                return lexer.Fail("an IPv6 address must stand here");
            }

            address[16 - octets] &= (byte)(0xFF >> ((int)prefix % 8));
            address[(16 - octets)..].CopyTo(rdata[length..]);
            length += octets;
        }

        return prefix == 0
            || (lexer.TryExpect("the prefix's name", out token) && RdataParser.TryParseName(ref lexer, token, origin, rdata, ref length));
    }

    /// <summary>Reads HIP: algorithm, host identity tag, public key, servers (RFC 8005 §6).</summary>
    internal static bool TryParseHostIdentity(ref ZoneLexer lexer, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        if (!lexer.TryExpect("a public key algorithm", out ZoneToken token))
        {
            return false;
        }

        if (!NumberText.TryParse(lexer.Slice(token), 255, out ulong algorithm) || rdata.Length - length < 4)
        {
            return lexer.Fail("a public key algorithm must be a number up to 255");
        }

        int start = length;
        length += 4;
        if (!lexer.TryExpect("a host identity tag", out token)
            || !EncodedText.TryParseHexToken(ref lexer, lexer.Slice(token), rdata, ref length))
        {
            return false;
        }

        int tag = length - start - 4;
        if (tag is 0 or > 255)
        {
            return lexer.Fail("a host identity tag must have 1 to 255 octets");
        }

        if (!lexer.TryExpect("a public key", out token)
            || !EncodedText.TryParseBase64Token(ref lexer, token, rdata, ref length))
        {
            return false;
        }

        int key = length - start - 4 - tag;
        if (key == 0)
        {
            return lexer.Fail("a public key must not be empty");
        }

        rdata[start] = (byte)tag;
        rdata[start + 1] = (byte)algorithm;
        BinaryPrimitives.WriteUInt16BigEndian(rdata[(start + 2)..], (ushort)key);
        while (lexer.TryNext(out token))
        {
            if (!RdataParser.TryParseName(ref lexer, token, origin, rdata, ref length))
            {
                return false;
            }
        }

        return lexer.Error is null;
    }

    /// <summary>Reads AMTRELAY's discovery bit, type and relay (RFC 8777 §4.3.1).</summary>
    internal static bool TryParseRelay(ref ZoneLexer lexer, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        if (!lexer.TryExpect("the discovery bit, 0 or 1,", out ZoneToken token))
        {
            return false;
        }

        if (!NumberText.TryParse(lexer.Slice(token), 1, out ulong discovery) || length >= rdata.Length)
        {
            return lexer.Fail("the discovery bit must be 0 or 1");
        }

        if (!lexer.TryExpect("a relay type", out token))
        {
            return false;
        }

        if (!NumberText.TryParse(lexer.Slice(token), 3, out ulong type))
        {
            return lexer.Fail("a relay type must be a number up to 3; write others as \\#");
        }

        rdata[length++] = (byte)((discovery << 7) | type);
        return lexer.TryExpect("a relay", out token) && TryParseGateway(ref lexer, (byte)type, token, origin, rdata, ref length);
    }

    /// <summary>Reads a gateway or relay of a known form (RFC 4025 §3.1).</summary>
    internal static bool TryParseGateway(ref ZoneLexer lexer, byte type, ZoneToken token, scoped DnsNameView origin, scoped Span<byte> rdata, ref int length)
    {
        ReadOnlySpan<byte> text = lexer.Slice(token);
        int width = type switch { 1 => 4, 2 => 16, _ => 0 };
        if (rdata.Length - length < width)
        {
            return lexer.Fail(TooLong);
        }

        switch (type)
        {
            case 0:
                return text is [(byte)'.'] || lexer.Fail("no gateway must be written as a dot");
            case 1 when AddressText.TryParseIPv4(text, rdata[length..]):
            case 2 when AddressText.TryParseIPv6(text, rdata.Slice(length, 16)):
                length += width;
                return true;
            case 1:
                return lexer.Fail("a gateway of type 1 must be an IPv4 address");
            case 2:
                return lexer.Fail("a gateway of type 2 must be an IPv6 address");
            case 3:
                return RdataParser.TryParseName(ref lexer, token, origin, rdata, ref length);
            default:
                return lexer.Fail("a gateway type must be a number up to 3");
        }
    }

    /// <summary>Reads an ATM address: <c>+</c> and digits, or hexadecimal digits with dots between them.</summary>
    internal static bool TryParseAtm(ref ZoneLexer lexer, scoped ReadOnlySpan<byte> text, scoped Span<byte> rdata, ref int length)
    {
        const string Form = "an ATM address must be + and decimal digits, or hexadecimal digits";
        if (rdata.Length - length < text.Length + 1)
        {
            return lexer.Fail(TooLong);
        }

        if (text is [(byte)'+', _, ..])
        {
            text = text[1..];
            rdata[length++] = 1;
            text.CopyTo(rdata[length..]);
            length += text.Length;
            return text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 || lexer.Fail(Form);
        }

        rdata[length++] = 0;
        int start = length;
        foreach (Range part in text.Split((byte)'.'))
        {
            if (!EncodedText.TryParseHexToken(ref lexer, text[part], rdata, ref length))
            {
                return false;
            }
        }

        return length > start || lexer.Fail(Form);
    }

    private static bool TryParseService(ReadOnlySpan<byte> text, out int port)
    {
        if (NumberText.TryParse(text, ushort.MaxValue, out ulong number))
        {
            port = (int)number;
            return true;
        }

        // the services of RFC 1035's own examples; a table of all would age
        foreach ((string name, int known) in ClassicServices)
        {
            if (text.Length == name.Length && System.Text.Ascii.EqualsIgnoreCase(text, name))
            {
                port = known;
                return true;
            }
        }

        port = 0;
        return false;
    }

    private static readonly (string Name, int Port)[] ClassicServices =
    [
        ("ftp-data", 20), ("ftp", 21), ("ssh", 22), ("telnet", 23), ("smtp", 25), ("time", 37), ("domain", 53), ("tftp", 69),
        ("finger", 79), ("http", 80), ("pop3", 110), ("sunrpc", 111), ("ntp", 123), ("netstat", 15), ("https", 443), ("rlp", 39),
    ];
}
