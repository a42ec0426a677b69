using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Tests.Records;

namespace MiniDns.Protocol.Tests.Presentation;

public sealed class ZoneFileReaderTests
{
    private static readonly ZoneFileOptions Options = new() { FileName = "db.example", Origin = DnsName.Parse("example.org") };

    [Fact]
    public void Rfc1035_5_3_example_is_read()
    {
        (string[] records, string[] errors) = Read(
            """
            $ORIGIN ISI.EDU.
            @   IN  SOA     VENERA      Action\.domains (
                                             20     ; SERIAL
                                             7200   ; REFRESH
                                             600    ; RETRY
                                             3600000; EXPIRE
                                             60)    ; MINIMUM

                    NS      A.ISI.EDU.
                    NS      VENERA
                    MX      10      VENERA
            A       A       26.3.0.103
            VENERA  A       10.1.0.52
            """);
        Assert.Empty(errors);
        Assert.Equal(
            [
                "ISI.EDU. 60 IN SOA VENERA.ISI.EDU. Action\\.domains.ISI.EDU. 20 7200 600 3600000 60",
                "ISI.EDU. 60 IN NS A.ISI.EDU.",
                "ISI.EDU. 60 IN NS VENERA.ISI.EDU.",
                "ISI.EDU. 60 IN MX 10 VENERA.ISI.EDU.",
                "A.ISI.EDU. 60 IN A 26.3.0.103",
                "VENERA.ISI.EDU. 60 IN A 10.1.0.52",
            ],
            records);
    }

    [Theory]
    [InlineData("a 300 IN A 192.0.2.1", "a.example.org. 300 IN A 192.0.2.1")]
    [InlineData("a IN 300 A 192.0.2.1", "a.example.org. 300 IN A 192.0.2.1")]
    [InlineData("a 300 A 192.0.2.1", "a.example.org. 300 IN A 192.0.2.1")]
    [InlineData("a ch 300 txt x", "a.example.org. 300 CH TXT \"x\"")]
    [InlineData("a 1w2d3h4m5s A 192.0.2.1", "a.example.org. 788645 IN A 192.0.2.1")]
    [InlineData("a 300 CLASS32 TYPE65280 \\# 3 ab ( cd\n ef )", "a.example.org. 300 CLASS32 TYPE65280 \\# 3 ABCDEF")]
    [InlineData("a 300 CLASS1 TYPE1 \\# 4 C0000201", "a.example.org. 300 IN A 192.0.2.1")]
    [InlineData("$TTL 1h\na A 192.0.2.1", "a.example.org. 3600 IN A 192.0.2.1")]
    [InlineData("@ 1 A 192.0.2.1 ; comment ( \" ", "example.org. 1 IN A 192.0.2.1")]
    [InlineData(". 1 A 192.0.2.1", ". 1 IN A 192.0.2.1")]
    [InlineData("\\@ 1 A 192.0.2.1", "\\@.example.org. 1 IN A 192.0.2.1")]
    [InlineData("\\$x 1 A 192.0.2.1", "\\$x.example.org. 1 IN A 192.0.2.1")]
    [InlineData("*.b\\.c\\032d 1 A 192.0.2.1", "*.b\\.c\\032d.example.org. 1 IN A 192.0.2.1")]
    [InlineData("ns 1 IN A 192.0.2.1", "ns.example.org. 1 IN A 192.0.2.1")]
    [InlineData("a ( 1\n A )\t192.0.2.1\r\n", "a.example.org. 1 IN A 192.0.2.1")]
    [InlineData("a 1 TXT \"one;\" two\\;three \"a\\\"b\\\\\" \"\"", "a.example.org. 1 IN TXT \"one;\" \"two;three\" \"a\\\"b\\\\\" \"\"")]
    [InlineData("a 1 MX 10 @", "a.example.org. 1 IN MX 10 example.org.")]
    [InlineData("a 1 HTTPS 1 . alpn=\"h2,h3\" port=443", "a.example.org. 1 IN HTTPS 1 . alpn=\"h2,h3\" port=443")]
    [InlineData("\uFEFFa 1 A 192.0.2.1", "a.example.org. 1 IN A 192.0.2.1")]
    [InlineData("$ORIGIN sub\na 1 A 192.0.2.1", "a.sub.example.org. 1 IN A 192.0.2.1")]
    [InlineData("é 1 A 192.0.2.1", "\\195\\169.example.org. 1 IN A 192.0.2.1")]
    public void An_entry_is_read(string text, string record)
    {
        (string[] records, string[] errors) = Read(text);
        Assert.Empty(errors);
        Assert.Equal([record], records);
    }

    [Fact]
    public void Owners_and_times_to_live_carry_over()
    {
        (string[] records, string[] errors) = Read("a 5 A 192.0.2.1\n\n  ; nothing\n\tA 192.0.2.2\nb TXT x\n$TTL 9\n TXT y\n 7 TXT z\nc TXT w");
        Assert.Empty(errors);
        Assert.Equal(
            ["a.example.org. 5 IN A 192.0.2.1", "a.example.org. 5 IN A 192.0.2.2", "b.example.org. 5 IN TXT \"x\"", "b.example.org. 9 IN TXT \"y\"", "b.example.org. 7 IN TXT \"z\"", "c.example.org. 9 IN TXT \"w\""],
            records);
    }

    [Theory]
    [InlineData("a 1 A 192.0.2.256", "1:7", "IPv4 address")]
    [InlineData("a 1 AAAA 1:2", "1:10", "IPv6 address")]
    [InlineData("a 1 A", "1:6", "missing")]
    [InlineData("a 1 A 192.0.2.1 x", "1:17", "must end here")]
    [InlineData("a A 192.0.2.1", "1:3", "time to live")]
    [InlineData("a 1 NOTYPE 192.0.2.1", "1:5", "must be a type")]
    [InlineData("a 1x A 192.0.2.1", "1:3", "time to live")]
    [InlineData("a 2147483648 A 192.0.2.1", "1:3", "time to live")]
    [InlineData(" 1 A 192.0.2.1", "1:2", "owner")]
    [InlineData("a..b 1 A 192.0.2.1", "1:1", "label must not be empty")]
    [InlineData("a 1 TXT \"open", "1:9", "quote")]
    [InlineData("a 1 TXT x )", "1:11", "parenthesis")]
    [InlineData("\na 1 TXT ( x\n\n", "2:9", "parenthesis must be closed")]
    [InlineData("$FOO", "1:1", "$ORIGIN")]
    [InlineData("$TTL", "1:5", "missing")]
    [InlineData("$TTL 1 2", "1:8", "end here")]
    [InlineData("$INCLUDE x", "1:10", "must not be used")]
    [InlineData("a 1 TYPE1 \\# 3 010203", "1:16", "form of A")]
    [InlineData("a 1 TYPE1 \\# 4 010203", "1:16", "it has 3")]
    [InlineData("a 1 ANY x", "1:5", "zone file")]
    [InlineData("a 1 RRSIG A 8 2 300 20301301000000 20200101000000 1 a. AA==", "1:21", "YYYYMMDDHHmmSS")]
    [InlineData("a 1 DS 1 8 2 ABC", "1:14", "pairs")]
    [InlineData("a 1 DNSKEY 256 3 8 AAA", "1:20", "groups of four")]
    [InlineData("a 1 SVCB 1 . mandatory=alpn", "1:14", "mandatory")]
    [InlineData("a 1 SVCB 1 . port=1 port=2", "1:21", "twice")]
    [InlineData("a 1 TXT \\25x", "1:9", "backslash")]
    public void An_error_has_its_place_and_what_would_be_right(string text, string place, string message)
    {
        (string[] records, string[] errors) = Read(text);
        Assert.Empty(records);
        string error = Assert.Single(errors);
        Assert.StartsWith($"db.example:{place}: ", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_goes_on_after_errors()
    {
        (string[] records, string[] errors) = Read("$TTL 1\na A x\nb A 192.0.2.1\nbad..name A 192.0.2.2\n  A 192.0.2.3\nc TXT ( \"x\n y\" )\nd A ( 192.0.2.999\n )\ne A 192.0.2.4\n");
        Assert.Equal(["b.example.org. 1 IN A 192.0.2.1", "e.example.org. 1 IN A 192.0.2.4"], records);
        Assert.Equal(["2:5", "4:1", "6:9", "8:7"], errors.Select(e => string.Join(':', e.Split(':')[1..3])));
    }

    [Fact]
    public void Errors_are_bounded()
    {
        (_, string[] errors) = Read(string.Concat(Enumerable.Repeat("x\n", 10_000)));
        Assert.Equal(100, errors.Length);
    }

    [Fact]
    public void Include_is_relative_to_the_including_file_and_restores_origin_and_owner()
    {
        var files = new Dictionary<string, string>
        {
            ["zones/db"] = "$TTL 1\na A 192.0.2.1\n$INCLUDE parts/one sub\n A 192.0.2.2\nz A 192.0.2.3\n",
            ["zones/parts/one"] = "b A 192.0.2.4\n$ORIGIN other.\nc A 192.0.2.5\n$INCLUDE \"two\"",
            ["zones/parts/two"] = "d A 192.0.2.6\nbad\n",
        };
        var reader = ZoneFileReader.FromText(files["zones/db"], Options with { FileName = "zones/db", Include = p => Encoding.UTF8.GetBytes(files[p.Replace('\\', '/')]) });
        Assert.Equal(
            ["a.example.org.", "b.sub.example.org.", "c.other.", "d.other.", "a.example.org.", "z.example.org."],
            Records(reader).Select(r => r.Split(' ')[0]));
        Assert.Equal("zones/parts/two:2:4: a type is missing", Assert.Single(reader.Errors).ToString());
    }

    [Fact]
    public void A_file_that_includes_itself_is_stopped()
    {
        var reader = ZoneFileReader.FromText("$INCLUDE db.example", Options with { Include = _ => "$INCLUDE db.example\n"u8.ToArray() });
        Assert.False(reader.TryRead());
        Assert.Contains("nest deeper than 8", Assert.Single(reader.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_include_is_an_error_and_reading_goes_on()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllText(path, "$TTL 1\n$INCLUDE not-there\na A 192.0.2.1\n");
        try
        {
            var reader = ZoneFileReader.FromFile(path, Options);
            Assert.Equal(["a.example.org. 1 IN A 192.0.2.1"], Records(reader));
            Assert.Contains(":2:10: ", Assert.Single(reader.Errors).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("$GENERATE 1-3 h$ A 10.0.0.$", "h1.example.org. 1 IN A 10.0.0.1|h2.example.org. 1 IN A 10.0.0.2|h3.example.org. 1 IN A 10.0.0.3")]
    [InlineData("$GENERATE 0-4/2 h${10,3} 60 IN A 10.0.0.${-0}", "h010.example.org. 60 IN A 10.0.0.0|h012.example.org. 60 IN A 10.0.0.2|h014.example.org. 60 IN A 10.0.0.4")]
    [InlineData("$GENERATE 30-31 h${0,4,x} TXT \"${0,0,X} ${0,0,o} \\$ $$\"", "h001e.example.org. 1 IN TXT \"1E 36 $ $\"|h001f.example.org. 1 IN TXT \"1F 37 $ $\"")]
    [InlineData("$GENERATE 31-31 ${0,3,n} PTR h${0,2,N}.", "f.1.example.org. 1 IN PTR hF.1.")]
    [InlineData("$GENERATE 5-5 ${0,7,n} CNAME x", "5.0.0.0.example.org. 1 IN CNAME x.example.org.")]
    [InlineData("$GENERATE 1-1 h$ MX ( 10\n m$ ) ; $", "h1.example.org. 1 IN MX 10 m1.example.org.")]
    public void Generate_expands_as_bind_does(string text, string expected)
    {
        (string[] records, string[] errors) = Read("$TTL 1\n" + text);
        Assert.Empty(errors);
        Assert.Equal(expected.Split('|'), records);
    }

    [Theory]
    [InlineData("$GENERATE 3-1 h$ A 10.0.0.$")]
    [InlineData("$GENERATE 1-3/0 h$ A 10.0.0.$")]
    [InlineData("$GENERATE 0-65536 h$ A 10.0.0.1")]
    [InlineData("$GENERATE 1-3 h${1 A 10.0.0.$")]
    [InlineData("$GENERATE 1-3 h${1,2,q} A 10.0.0.$")]
    [InlineData("$GENERATE 250-260 h$ A 10.0.0.${10}")]
    [InlineData("$GENERATE 1-3 h$")]
    public void A_bad_generate_is_one_error(string text)
    {
        (_, string[] errors) = Read("$TTL 1\n" + text + "\nok A 192.0.2.1\n");
        Assert.StartsWith("db.example:2:", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads_back()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var output = new ArrayBufferWriter<byte>();
            var writer = new ZoneFileWriter(output);
            var records = new List<(byte[] Owner, uint Ttl, DnsRecordClass Class, DnsRecordType Type, byte[] Rdata)>();
            foreach (DnsRecordType type in RdataGenerator.Types.Where(t => t != DnsRecordType.OPT && (int)t is < 128 or > 255))
            {
                records.Add((RdataGenerator.Name(random), (uint)random.Next(), (DnsRecordClass)random.Next(1, 250), type, RdataGenerator.Next(type, random)));
                (byte[] owner, uint ttl, DnsRecordClass @class, _, byte[] rdata) = records[^1];
                writer.Write(new DnsNameView(owner), ttl, @class, type, rdata);
            }

            var reader = new ZoneFileReader(output.WrittenMemory, Options);
            foreach ((byte[] owner, uint ttl, DnsRecordClass @class, DnsRecordType type, byte[] rdata) in records)
            {
                Assert.True(reader.TryRead(), reader.Errors.Count > 0 ? reader.Errors[0].ToString() : "end");
                Assert.Equal(owner, reader.Owner.Wire.ToArray());
                Assert.Equal((ttl, @class, type), (reader.Ttl, reader.Class, reader.Type));
                Assert.Equal(rdata, reader.Rdata.ToArray());
            }

            Assert.False(reader.TryRead());
            Assert.Empty(reader.Errors);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Mangled_zone_files_never_throw()
    {
        byte[] text = Encoding.UTF8.GetBytes("$TTL 1h\n$ORIGIN example.org.\n@ SOA ns hostmaster ( 1 2 3 4 5 )\n a MX 10 mail\n$GENERATE 1-5 h${0,3,n} 60 TXT \"$ x\" y\\;z\nb 5 IN HTTPS 1 . alpn=\"h2\" port=1\nc LOC 1 2 3 N 4 5 6 E 7m\nd \\# 1 00\n");
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] mangled = [.. text];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                mangled[random.Next(mangled.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "\\\"();$@{}, \n\t019"[random.Next(16)]);
            }

            Assert.NotEqual(ProtocolFuzzOutcome.Mismatch, ProtocolFuzz.RunText(mangled));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void A_record_costs_no_allocation()
    {
        byte[] text = Encoding.UTF8.GetBytes("$TTL 60\n" + string.Concat(Enumerable.Range(0, 2000).Select(i => $"h{i} IN A 192.0.2.{i % 256}\n MX 10 mail\n TXT \"some text\"\n")));
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            var reader = new ZoneFileReader(text, Options);
            Assert.True(reader.TryRead());
            long before = GC.GetAllocatedBytesForCurrentThread();
            int count = 1;
            while (reader.TryRead())
            {
                count++;
            }

            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(6000, count);
        }

        Assert.Equal(0, allocated);
    }

    private static (string[] Records, string[] Errors) Read(string text)
    {
        var reader = ZoneFileReader.FromText(text, Options);
        return (Records(reader), [.. reader.Errors.Select(e => e.ToString())]);
    }

    private static string[] Records(ZoneFileReader reader)
    {
        var records = new List<string>();
        while (reader.TryRead())
        {
            byte[] text = new byte[10_000];
            Assert.True(ZoneFileWriter.TryFormat(reader.Owner, reader.Ttl, reader.Class, reader.Type, reader.Rdata, text, out int written));
            records.Add(Encoding.ASCII.GetString(text, 0, written).Replace('\t', ' '));
        }

        return [.. records];
    }
}
