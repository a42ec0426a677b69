using System.Buffers.Binary;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>Makes the message for the upstreams out of a client's query, and takes over from their answers what goes on to the client.</summary>
internal static class ForwardMessage
{
    private const int OptFixedSize = 11;

    /// <summary>True when the chain works on another question than the one that was asked.</summary>
    public static bool IsRewritten(DnsQuery query)
    {
        ReadOnlySpan<byte> asked = query.AskedQuestion;
        return query.Type != (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(asked[^4..])
            || query.Class != (DnsRecordClass)BinaryPrimitives.ReadUInt16BigEndian(asked[^2..])
            || !query.LowerName.Equals(query.AskedName);
    }

    /// <summary>Writes the message for the upstreams: the client's octets, or what handlers made of the question and of the options.</summary>
    /// <param name="query">The client's query.</param>
    /// <param name="isRewritten">What <see cref="IsRewritten"/> says.</param>
    /// <param name="passSubnets">Whether clients' subnets are passed on.</param>
    /// <param name="exchange">Takes the message.</param>
    public static void Write(DnsQuery query, bool isRewritten, bool passSubnets, UpstreamExchange exchange)
    {
        EdnsView edns = query.Edns;
        ReadOnlySpan<byte> wire = query.Wire;
        Span<byte> to = exchange.BeginRequest(Math.Max(wire.Length, DnsHeader.Size + query.LowerName.Length + 4) + OptFixedSize + query.EdnsOptions.Length);
        bool hasOpt = edns.IsPresent || query.HasOwnEdnsOptions;
        int optAt;
        if (isRewritten || query.HasOwnEdnsOptions)
        {
            new DnsHeader(0, query.Header.Flags, 1, 0, 0, (ushort)(hasOpt ? 1 : 0)).Write(to);
            query.LowerName.Wire.CopyTo(to[DnsHeader.Size..]);
            optAt = DnsHeader.Size + query.LowerName.Length + 4;
            BinaryPrimitives.WriteUInt16BigEndian(to[(optAt - 4)..], (ushort)query.Type);
            BinaryPrimitives.WriteUInt16BigEndian(to[(optAt - 2)..], (ushort)query.Class);
        }
        else
        {
            DnsHeader header = query.Header;
            int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
            if (records > 1 || (records == 1 && !edns.IsPresent))
            {
                // Something out of the ordinary, perhaps a signature over the whole message (RFC 8945): as it is.
                wire.CopyTo(to);
                exchange.SetRequest(wire.Length);
                return;
            }

            // What follows the message's end, if anything, is not passed on.
            optAt = query.QuestionEnd;
            wire[..optAt].CopyTo(to);

            // As the handlers before this one left them.
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], query.Header.Flags);
        }

        exchange.SetRequest(hasOpt ? optAt + WriteOpt(query, passSubnets, to[optAt..]) : optAt);
        exchange.KeepsCase = query.KeepsNameCase;
        exchange.OffersFewCookies = query.HasOwnEdnsOptions;
    }

    /// <summary>Writes the client's OPT record with the options as handlers left them, without what concerns only the hop from the client to us.</summary>
    private static int WriteOpt(DnsQuery query, bool passSubnets, Span<byte> to)
    {
        EdnsView edns = query.Edns;
        if (edns.IsPresent)
        {
            query.Wire.Slice(edns.OptionsOffset - OptFixedSize, OptFixedSize).CopyTo(to);
        }
        else
        {
            ReadOnlySpan<byte> opt = [0, 0, (byte)DnsRecordType.OPT, 0, 0, 0, 0, 0, 0, 0, 0];
            opt.CopyTo(to);
        }

        // The payload size is a matter of each hop (RFC 6891 §6.2.3); ours avoids fragments on the way here.
        int size = query.Transport == DnsTransport.Udp ? Math.Clamp(query.MaxReplySize, DnsQuery.MinUdpSize, ResponseEncoder.AnnouncedUdpSize) : ResponseEncoder.AnnouncedUdpSize;
        BinaryPrimitives.WriteUInt16BigEndian(to[3..], (ushort)size);
        int length = 0;
        ReadOnlySpan<byte> options = query.EdnsOptions;
        while (options.Length >= 4)
        {
            // That the options are whole was checked when the query came; a handler sets whole ones.
            ReadOnlySpan<byte> option = options[..(4 + BinaryPrimitives.ReadUInt16BigEndian(options[2..]))];
            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(option);

            // Where a client is, is nobody's business, and an answer for one subnet is not to be kept for others (RFC 7871 §11.1).
            if (!IsOfOneHop(code) && (code != EdnsOptionCode.ClientSubnet || passSubnets || query.HasOwnSubnet))
            {
                option.CopyTo(to[(OptFixedSize + length)..]);
                length += option.Length;
            }

            options = options[option.Length..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(to[9..], (ushort)length);
        return OptFixedSize + length;
    }

    /// <summary>True for options that are not passed on in either direction (RFC 7873 §5, RFC 7828 §3.1, RFC 7830 §3).</summary>
    private static bool IsOfOneHop(EdnsOptionCode code) => code is EdnsOptionCode.Cookie or EdnsOptionCode.TcpKeepalive or EdnsOptionCode.Padding;

    /// <summary>Passes the EDNS options of the upstream's answer on, those of one hop left out.</summary>
    /// <param name="query">The client's query.</param>
    /// <param name="message">The upstream's answer.</param>
    public static void TakeOptions(DnsQuery query, ReadOnlySpan<byte> message)
    {
        if (!query.RepliesWithEdns || !WireIndex.TryScan(message, [], out WireScan scan) || scan.OptLength <= OptFixedSize)
        {
            return;
        }

        ReadOnlySpan<byte> options = message.Slice(scan.OptOffset + OptFixedSize, scan.OptLength - OptFixedSize);
        while (options.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (options.Length - 4 < length)
            {
                return;
            }

            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(options);
            if (!IsOfOneHop(code))
            {
                query.Response.AddOption(code, options.Slice(4, length));
            }

            options = options[(4 + length)..];
        }
    }
}
