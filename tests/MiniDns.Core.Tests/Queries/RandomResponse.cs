using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

/// <summary>Fills responses with random records: whole RRsets, wildcards' expansions and single records, names to compress in them.</summary>
internal static class RandomResponse
{
    private static readonly string[] Names = ["www.example.org.", "example.org.", ".", "a.b.c.example.org.", "ns.example.net.", "WWW.Example.ORG.", "x.www.example.org."];

    public static void Fill(DnsQuery query, Random random)
    {
        DnsResponse response = query.Response;
        response.Code = (DnsResponseCode)random.Next(0, 24);
        response.Flags = (DnsResponseFlags)random.Next(8);
        int sets = random.Next(random.Next(3) == 0 ? 40 : 8);
        for (int i = 0; i < sets; i++)
        {
            var section = (DnsSection)random.Next((int)DnsSection.Answer, (int)DnsSection.Additional + 1);
            DnsName owner = DnsName.Parse(Names[random.Next(Names.Length)]);
            DnsRecordType type = (DnsRecordType)random.Next(6) switch
            {
                0 => DnsRecordType.A,
                (DnsRecordType)1 => DnsRecordType.NS,
                (DnsRecordType)2 => DnsRecordType.MX,
                (DnsRecordType)3 => DnsRecordType.TXT,
                (DnsRecordType)4 => DnsRecordType.SOA,
                _ => (DnsRecordType)65280,
            };
            int count = random.Next(1, random.Next(6) == 0 ? 30 : 4);
            ReadOnlyMemory<byte>[] rdatas = [.. Enumerable.Range(0, count).Select(_ => (ReadOnlyMemory<byte>)Rdata(type, random))];
            uint ttl = (uint)random.Next();
            switch (random.Next(3))
            {
                case 0:
                    response.Add(section, new RRset(owner, type, DnsRecordClass.IN, ttl, rdatas), (uint)random.Next());
                    break;
                case 1:
                    response.Add(section, new RRset(owner, type, DnsRecordClass.IN, ttl, rdatas), DnsName.Parse(Names[random.Next(Names.Length)]).View);
                    break;
                default:
                    foreach (ReadOnlyMemory<byte> rdata in rdatas)
                    {
                        response.AddSynthesized(section, owner.View, type, DnsRecordClass.IN, ttl, rdata.Span);
                    }

                    break;
            }
        }

        if (random.Next(4) == 0)
        {
            response.AddOption(EdnsOptionCode.NameServerId, new byte[random.Next(300)]);
        }
    }

    private static byte[] Rdata(DnsRecordType type, Random random)
    {
        byte[] name = DnsName.Parse(Names[random.Next(Names.Length)]).Wire.ToArray();
        return type switch
        {
            DnsRecordType.A => [192, 0, 2, (byte)random.Next(256)],
            DnsRecordType.NS => name,
            DnsRecordType.MX => [0, (byte)random.Next(256), .. name],
            DnsRecordType.TXT => [(byte)"some text"u8.Length, .. "some text"u8],
            DnsRecordType.SOA => [.. name, .. name, .. new byte[20]],
            _ => Encoding.ASCII.GetBytes(new string('z', random.Next(random.Next(5) == 0 ? 900 : 40))),
        };
    }
}
