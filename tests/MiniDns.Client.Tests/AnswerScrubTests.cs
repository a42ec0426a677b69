using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Client.Scrubbing;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Tests;

/// <summary>RFC 5452 §6: what belongs to an answer, and what nobody asked for.</summary>
public sealed class AnswerScrubTests
{
    /// <summary>Question type, records of the three sections as "owner type data", and which of them are dropped.</summary>
    public static TheoryData<string, string, string[], int[]> Answers() => new()
    {
        { "an address", "A", ["an www.example.org. A 192.0.2.1", "an www.example.org. A 192.0.2.2"], [] },
        { "another name", "A", ["an www.example.org. A 192.0.2.1", "an www.bank.example. A 192.0.2.66"], [1] },
        { "only another name", "A", ["an www.bank.example. A 192.0.2.66"], [0] },
        { "another type", "A", ["an www.example.org. A 192.0.2.1", "an www.example.org. TXT x"], [1] },
        { "any type", "ANY", ["an www.example.org. A 192.0.2.1", "an www.example.org. TXT x", "an example.org. TXT x"], [2] },
        { "case", "A", ["an WWW.eXample.org. A 192.0.2.1"], [] },
        { "a chain", "A", ["an www.example.org. CNAME a.example.net.", "an a.example.net. CNAME b.example.com.", "an b.example.com. A 192.0.2.1"], [] },
        { "a chain backwards", "A", ["an b.example.com. A 192.0.2.1", "an a.example.net. CNAME b.example.com.", "an www.example.org. CNAME a.example.net."], [] },
        { "a chain that breaks", "A", ["an www.example.org. CNAME a.example.net.", "an b.example.com. A 192.0.2.1"], [1] },
        { "a loop", "A", ["an www.example.org. CNAME a.example.net.", "an a.example.net. CNAME www.example.org."], [] },
        { "a CNAME that is asked for leads nowhere", "CNAME", ["an www.example.org. CNAME a.example.net.", "an a.example.net. CNAME b.example.net."], [1] },
        { "DNAME", "A", ["an example.org. DNAME example.net.", "an www.example.org. CNAME www.example.net.", "an www.example.net. A 192.0.2.1"], [] },
        { "DNAME elsewhere", "A", ["an example.com. DNAME example.net.", "an www.example.org. A 192.0.2.1"], [0] },
        { "signatures", "A", ["an www.example.org. CNAME a.example.net.", "an www.example.org. RRSIG CNAME", "an a.example.net. A 192.0.2.1", "an a.example.net. RRSIG A", "an b.example.net. RRSIG A", "an a.example.net. RRSIG TXT"], [4, 5] },
        { "no such name", "A", ["ns example.org. SOA x", "ns example.org. RRSIG SOA", "ns a.example.org. NSEC x", "ns a.example.org. RRSIG NSEC"], [] },
        { "SOA of somebody else", "A", ["ns example.com. SOA x"], [0] },
        { "SOA below the name", "A", ["ns a.www.example.org. SOA x"], [0] },
        { "SOA at the end of a chain", "A", ["an www.example.org. CNAME a.example.net.", "ns example.net. SOA x"], [] },
        { "a referral", "A", ["ns example.org. NS ns1.example.org.", "ns example.org. NS ns.example.net.", "ns example.org. DS x", "ar ns1.example.org. A 192.0.2.1", "ar ns.example.net. AAAA 2001:db8::1"], [] },
        { "name servers of somebody else", "A", ["an www.example.org. A 192.0.2.1", "ns bank.example. NS ns.example.org.", "ar ns.example.org. A 192.0.2.66"], [1, 2] },
        { "a stranger in the additional section", "A", ["an www.example.org. A 192.0.2.1", "ar www.bank.example. A 192.0.2.66"], [1] },
        { "TXT in the authority section", "A", ["an www.example.org. A 192.0.2.1", "ns www.example.org. TXT x"], [1] },
        { "mail", "MX", ["an www.example.org. MX mail.example.org.", "ar mail.example.org. A 192.0.2.1", "ar mail2.example.org. A 192.0.2.66"], [2] },
        { "services", "SRV", ["an www.example.org. SRV host.example.org.", "ar host.example.org. AAAA 2001:db8::1", "ar host.example.org. RRSIG AAAA"], [] },
        { "service discovery", "PTR", ["an www.example.org. PTR printer.example.org.", "ar printer.example.org. SRV host.example.org.", "ar host.example.org. A 192.0.2.1"], [] },
        { "its own address beside HTTPS", "HTTPS", ["an www.example.org. HTTPS .", "ar www.example.org. A 192.0.2.1"], [] },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void What_does_not_belong_is_found(string what, string type, string[] records, int[] expected)
    {
        foreach (bool compressed in new[] { false, true })
        {
            Assert.True(expected.SequenceEqual(Dropped(Build(type, records, compressed), DnsName.Root, out int count)), what);
            Assert.Equal(expected.Length, count);
        }
    }

    [Fact]
    public void In_the_additional_section_only_the_zone_that_is_asked_for_counts()
    {
        byte[] message = Build("MX", ["an www.example.org. MX mail.example.org.", "an www.example.org. MX mail.example.net.", "ar mail.example.org. A 192.0.2.1", "ar mail.example.net. A 192.0.2.2"], compressed: true);
        Assert.Empty(Dropped(message, DnsName.Root, out _));
        Assert.Equal([3], Dropped(message, DnsName.Parse("example.org."), out _));
    }

    [Fact]
    public void OPT_does_not_count()
    {
        byte[] message = [.. Build("A", ["an www.example.org. A 192.0.2.1"], compressed: true), 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0];
        message[11] = 1;
        Assert.Empty(Dropped(message, DnsName.Root, out int count));
        Assert.Equal(0, count);
    }

    [Fact]
    public void Thousands_of_strangers_and_an_endless_chain_are_found_in_time()
    {
        var records = new List<string>();
        for (int i = 0; i < 700; i++)
        {
            string owner = i == 0 ? "www.example.org." : $"{i}.example.net.";
            records.Add($"an {owner} CNAME {i + 1}.example.net.");
        }

        records.Reverse();
        byte[] message = Build("A", [.. records], compressed: false);
        int[] dropped = Dropped(message, DnsName.Root, out int count);
        Assert.Equal(700 - 24, count);
        Assert.Equal(count, dropped.Length);
    }

    [Fact]
    public void Mutated_messages_do_no_harm()
    {
        byte[] message = Build(
            "A",
            ["an www.example.org. CNAME a.example.net.", "an a.example.net. A 192.0.2.1", "ns example.net. NS ns.example.net.", "ar ns.example.net. A 192.0.2.2", "an x.example. SRV y.example."],
            compressed: true);
        Prop.ForAll(
            ArbMap.Default.ArbFor<Tuple<int, byte, int, byte>>(),
            change =>
            {
                byte[] mutated = [.. message];
                mutated[(change.Item1 & int.MaxValue) % mutated.Length] = change.Item2;
                mutated[(change.Item3 & int.MaxValue) % mutated.Length] = change.Item4;
                Span<ulong> drop = stackalloc ulong[4096];
                int count = AnswerScrub.Find(mutated, DnsName.Root.View, keepsNeighbours: true, drop);
                return count >= -1;
            }).QuickCheckThrowOnFailure();
    }

    /// <summary>Where a rule renames what is answered, addresses beside the asked name stay; nothing else does that nobody refers to.</summary>
    [Fact]
    public void Of_neighbours_addresses_are_kept_on_demand()
    {
        byte[] message = Build(
            "SOA",
            ["an www.example.org. SOA ns1.example.org.", "ar ns1.example.org. A 192.0.2.1", "ar example.org. A 192.0.2.2", "ar a.b.example.org. A 192.0.2.3", "ar ns1.example.net. A 192.0.2.4", "ar ns2.example.org. NS x.example.org.", "ar org. A 192.0.2.5"],
            compressed: true);
        Assert.Equal([4, 5, 6], Dropped(message, DnsName.Root, out _, keepsNeighbours: true));
        Assert.Equal([1, 2, 3, 4, 5, 6], Dropped(message, DnsName.Root, out _));
        Assert.Equal([1, 2, 4, 5, 6], Dropped(message, DnsName.Parse("b.example.org."), out _, keepsNeighbours: true));
    }

    private static int[] Dropped(byte[] message, DnsName zone, out int count, bool keepsNeighbours = false)
    {
        var drop = new ulong[32];
        count = AnswerScrub.Find(message, zone.View, keepsNeighbours, drop);
        return [.. Enumerable.Range(0, drop.Length * 64).Where(i => AnswerScrub.IsMarked(drop, i))];
    }

    private static byte[] Build(string type, string[] records, bool compressed)
    {
        var message = new List<byte>(new byte[DnsHeader.Size]);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        void AddName(string text)
        {
            // The whole name or nothing: enough to have pointers to the question and to rdata.
            if (compressed && places.TryGetValue(text, out int place))
            {
                message.AddRange([(byte)(0xC0 | place >> 8), (byte)place]);
                return;
            }

            places[text] = message.Count;
            message.AddRange(DnsName.Parse(text).View.Wire.ToArray());
        }

        void AddNumber(int value) => message.AddRange([(byte)(value >> 8), (byte)value]);
        AddName("www.example.org.");
        AddNumber((int)Enum.Parse<DnsRecordType>(type));
        AddNumber(1);
        int[] counts = new int[3];
        foreach (string line in records)
        {
            string[] words = line.Split(' ');
            counts[Array.IndexOf(["an", "ns", "ar"], words[0])]++;
            AddName(words[1]);
            DnsRecordType recordType = Enum.Parse<DnsRecordType>(words[2]);
            AddNumber((int)recordType);
            AddNumber(1);
            message.AddRange([0, 0, 0, 60]);
            int lengthAt = message.Count;
            AddNumber(0);
            switch (recordType)
            {
                case DnsRecordType.A or DnsRecordType.AAAA:
                    message.AddRange(IPAddress.Parse(words[3]).GetAddressBytes());
                    break;
                case DnsRecordType.CNAME or DnsRecordType.DNAME or DnsRecordType.NS or DnsRecordType.PTR:
                    AddName(words[3]);
                    break;
                case DnsRecordType.MX or DnsRecordType.HTTPS:
                    AddNumber(1);
                    AddName(words[3]);
                    break;
                case DnsRecordType.SRV:
                    message.AddRange(new byte[6]);
                    AddName(words[3]);
                    break;
                case DnsRecordType.RRSIG:
                    AddNumber((int)Enum.Parse<DnsRecordType>(words[3]));
                    message.AddRange(new byte[30]);
                    break;
                default:
                    message.AddRange(new byte[24]);
                    break;
            }

            message[lengthAt] = (byte)((message.Count - lengthAt - 2) >> 8);
            message[lengthAt + 1] = (byte)(message.Count - lengthAt - 2);
        }

        byte[] octets = [.. message];
        new DnsHeader(7, DnsHeader.ResponseFlag, 1, (ushort)counts[0], (ushort)counts[1], (ushort)counts[2]).Write(octets);
        return octets;
    }
}
