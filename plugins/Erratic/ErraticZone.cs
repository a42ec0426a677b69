using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Erratic;

/// <summary>A small zone of any name, for transfers (RFC 5936 §2.2): an apex and two name servers below it.</summary>
internal static class ErraticZone
{
    private const int LabelLength = 2;

    /// <summary>sns.dns.icann.org. noc.dns.icann.org. 2018050825 7200 3600 1209600 3600.</summary>
    private static readonly byte[] Soa =
    [
        .. DnsName.Parse("sns.dns.icann.org.").Wire, .. DnsName.Parse("noc.dns.icann.org.").Wire,
        0x78, 0x49, 0x03, 0x09,
        0, 0, 0x1C, 0x20,
        0, 0, 0x0E, 0x10,
        0, 0x12, 0x75, 0,
        0, 0, 0x0E, 0x10,
    ];

    private static ReadOnlySpan<byte> AddressOfA => [0x20, 0x01, 0x0B, 0xD8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53];

    private static ReadOnlySpan<byte> AddressOfB => [0x20, 0x01, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x54];

    /// <summary>Adds the zone's records.</summary>
    /// <param name="response">Takes them.</param>
    /// <param name="apex">The zone's name.</param>
    /// <param name="isComplete">False to leave out the SOA record that ends a transfer.</param>
    /// <returns>False when the name is too long for a zone.</returns>
    public static bool TryAdd(DnsResponse response, DnsNameView apex, bool isComplete)
    {
        if (apex.Length + LabelLength > DnsNameView.MaxLength)
        {
            return false;
        }

        Span<byte> a = stackalloc byte[DnsNameView.MaxLength];
        Span<byte> b = stackalloc byte[DnsNameView.MaxLength];
        a = Below(apex, (byte)'a', a);
        b = Below(apex, (byte)'b', b);
        response.AddSynthesized(DnsSection.Answer, apex, DnsRecordType.SOA, DnsRecordClass.IN, 0, Soa);
        response.AddSynthesized(DnsSection.Answer, apex, DnsRecordType.NS, DnsRecordClass.IN, 0, b);
        response.AddSynthesized(DnsSection.Answer, apex, DnsRecordType.NS, DnsRecordClass.IN, 0, a);
        response.AddSynthesized(DnsSection.Answer, new DnsNameView(a), DnsRecordType.AAAA, DnsRecordClass.IN, 0, AddressOfA);
        response.AddSynthesized(DnsSection.Answer, new DnsNameView(b), DnsRecordType.AAAA, DnsRecordClass.IN, 0, AddressOfB);
        if (isComplete)
        {
            response.AddSynthesized(DnsSection.Answer, apex, DnsRecordType.SOA, DnsRecordClass.IN, 0, Soa);
        }

        return true;
    }

    private static Span<byte> Below(DnsNameView apex, byte letter, Span<byte> name)
    {
        name[0] = 1;
        name[1] = letter;
        apex.Wire.CopyTo(name[LabelLength..]);
        return name[..(LabelLength + apex.Length)];
    }
}
