using System.Globalization;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Expressions;

/// <summary>What a query says, as the functions of expressions give it.</summary>
internal static class QueryFunctions
{
    /// <summary>The longest name in text, each octet an escape of four characters.</summary>
    private const int LongestName = 1024;

    /// <summary>The name that is worked on, in lower case, with its final dot.</summary>
    public static ReadOnlySpan<char> Name(EvaluationState state)
    {
        if (state.Free.Length < LongestName)
        {
            state.Fail();
            return default;
        }

        return state.Take(DnsNameText.Format(state.Query.LowerName, state.Free));
    }

    /// <summary>The type.</summary>
    public static ReadOnlySpan<char> Type(EvaluationState state)
    {
        Span<byte> text = stackalloc byte[DnsTypeText.MaxLength];
        DnsTypeText.TryFormat(state.Query.Type, text, out int length);
        return Widen(state, text[..length]);
    }

    /// <summary>The class.</summary>
    public static ReadOnlySpan<char> Class(EvaluationState state)
    {
        Span<byte> text = stackalloc byte[DnsTypeText.MaxLength];
        DnsClassText.TryFormat(state.Query.Class, text, out int length);
        return Widen(state, text[..length]);
    }

    /// <summary><c>udp</c> or <c>tcp</c>; of the server's own questions, that of the client they are for.</summary>
    public static ReadOnlySpan<char> Protocol(EvaluationState state)
    {
        DnsQuery query = state.Query;
        for (int i = 0; query.Transport == DnsTransport.Internal && query.Parent is { } parent && i < IQueryRunner.MaxDepth; i++)
        {
            query = parent;
        }

        return query.Transport is DnsTransport.Udp or DnsTransport.Internal ? "udp" : "tcp";
    }

    /// <summary>The size of a reply that the client can take, in octets: what EDNS says, at least 512; over TCP any.</summary>
    public static long BufferSize(EvaluationState state)
    {
        DnsQuery query = state.Query;
        return query.Transport != DnsTransport.Udp ? DnsQuery.MaxMessageSize : Math.Max(DnsQuery.MinUdpSize, (int)query.Edns.UdpPayloadSize);
    }

    /// <summary>Writes an address; an IPv6 address in the form of RFC 5952, without brackets or scope.</summary>
    /// <returns>The characters written.</returns>
    public static int FormatAddress(in ClientAddress address, Span<char> text)
    {
        UInt128 bits = address.Bits;
        if (!address.IsIPv6)
        {
            text.TryWrite(CultureInfo.InvariantCulture, $"{(byte)(bits >> 24)}.{(byte)(bits >> 16)}.{(byte)(bits >> 8)}.{(byte)bits}", out int length);
            return length;
        }

        // The longest run of two or more zero groups, the first of equals, is left out.
        int best = 0;
        int bestLength = 1;
        for (int i = 0; i < 8; i++)
        {
            int run = 0;
            while (i + run < 8 && Group(bits, i + run) == 0)
            {
                run++;
            }

            (best, bestLength) = run > bestLength ? (i, run) : (best, bestLength);
        }

        int at = 0;
        for (int i = 0; i < 8;)
        {
            if (bestLength > 1 && i == best)
            {
                text[at++] = ':';
                text[at++] = ':';
                i += bestLength;
                continue;
            }

            if (i > 0 && !(bestLength > 1 && i == best + bestLength))
            {
                text[at++] = ':';
            }

            Group(bits, i++).TryFormat(text[at..], out int digits, "x", CultureInfo.InvariantCulture);
            at += digits;
        }

        return at;
    }

    private static ushort Group(UInt128 bits, int index) => (ushort)(bits >> (112 - (16 * index)));

    private static ReadOnlySpan<char> Widen(EvaluationState state, scoped ReadOnlySpan<byte> text)
    {
        Span<char> wide = state.Take(text.Length);
        if (!wide.IsEmpty)
        {
            Encoding.ASCII.GetChars(text, wide);
        }

        return wide;
    }
}
