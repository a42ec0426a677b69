using System.Buffers.Binary;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Whoami;

/// <summary>Answers every query with the client's address, port and transport in the additional section.</summary>
internal sealed class WhoamiHandler : IDnsHandler
{
    private const int PrefixLength = 5;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);
        response.Flags = DnsResponseFlags.Authoritative;

        // Names in lower case cost nothing: the encoder finds them in the question and points there.
        DnsNameView name = query.LowerName;
        ClientAddress client = query.Client;
        Span<byte> rdata = stackalloc byte[16];
        int length = client.WriteOctets(rdata);
        response.AddSynthesized(DnsSection.Additional, name, client.IsIPv6 ? DnsRecordType.AAAA : DnsRecordType.A, query.Class, 0, rdata[..length]);
        if (name.Length + PrefixLength <= DnsNameView.MaxLength)
        {
            Span<byte> owner = stackalloc byte[DnsNameView.MaxLength];
            Prefix(query.Transport).CopyTo(owner);
            name.Wire.CopyTo(owner[PrefixLength..]);

            // priority 0, weight 0, the port, and the root as target
            Span<byte> service = rdata[..7];
            service.Clear();
            BinaryPrimitives.WriteUInt16BigEndian(service[4..], client.Port);
            response.AddSynthesized(DnsSection.Additional, new DnsNameView(owner[..(PrefixLength + name.Length)]), DnsRecordType.SRV, query.Class, 0, service);
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private static ReadOnlySpan<byte> Prefix(DnsTransport transport) => transport is DnsTransport.Udp or DnsTransport.Internal ? "\x04_udp"u8 : "\x04_tcp"u8;
}
