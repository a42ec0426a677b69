using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones.Tests.Support;

namespace MiniDns.Zones.Tests.Loading;

/// <summary>Files that nobody meant to be zones, or somebody meant to do harm: errors with a place, no exception, no end of memory.</summary>
public sealed class HostileFileTests
{
    private const string Apex = "$TTL 60\n@ SOA ns.example.net. admin 1 2 3 4 5\n@ NS ns.example.net.\n";

    private const string Ordinary = Apex + """
        www 300 IN A 192.0.2.1
            IN 300 AAAA 2001:db8::1
        *.w TXT "a;b" c\;d "e\"f" \065
        child NS ns.child
        ns.child A 192.0.2.9
        child DS 1 13 2 ( 0123456789abcdef0123456789abcdef ; half
                          0123456789abcdef0123456789abcdef )
        d DNAME target
        alias CNAME www
        mx MX 10 mail
        _s._tcp SRV 1 2 3 www
        h HTTPS 1 . alpn="h2,h3" port=443 ipv4hint=192.0.2.1
        l LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m
        t TYPE65280 \# 4 0a000001
        $GENERATE 1-9/2 g${0,3,d} A 10.0.0.$
        $ORIGIN sub
        n NSEC n A TXT
        p NSEC3PARAM 1 0 0 -
        0p9mhaveqvm6t7vbl5lop2u3t2rp3tom NSEC3 1 1 5 AABB 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG
        n RRSIG A 13 3 60 20300101000000 20200101000000 1 @ AA==
        $INCLUDE part sub2
        $INCLUDE "part"
        """;

    private static readonly string[] Pieces =
    [
        "(", ")", "\"", "\\", ";", "\n", "\r\n", "\0", "\t", "@", "*", ".", "$", "$ORIGIN .\n", "$TTL 0\n", "$INCLUDE zone\n", "$INCLUDE part\n", "$GENERATE 0-65535 $ A 1.2.3.4\n", "$GENERATE 0-99 a TXT ${0,255}\n",
        "\\# 65535 ", "\\000", "\\256", "4294967296", "-1", "CNAME", "SOA", "NS", "DNAME", "RRSIG", "NSEC3", "CH", "ANY", "\uFEFF", "\xFF", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "example.org.",
    ];

    /// <summary>All of them: FsCheck's own integers are small.</summary>
    private static Arbitrary<int> Seeds => Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Mutated_files_load_or_say_where_they_are_wrong()
    {
        byte[] ordinary = Encoding.Latin1.GetBytes(Ordinary);
        Assert.NotNull(Load(ordinary, out ZoneProblems none));
        Assert.False(none.HasErrors);
        int loaded = 0;
        int refused = 0;
        Prop.ForAll(Seeds, seed =>
        {
            byte[] text = Mutate(ordinary, new Random(seed));
            long before = GC.GetAllocatedBytesForCurrentThread();
            Zone? zone = Load(text, out ZoneProblems problems);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // The text has at most a few thousand octets, and a range makes at most 65,536 records.
            Assert.InRange(allocated, 0, 400 << 20);
            Assert.Equal(zone is null, problems.HasErrors);
            Assert.InRange(problems.Items.Count, 0, 2 * ZoneProblems.Limit);
            foreach (ZoneProblem problem in problems.Items)
            {
                Assert.InRange(problem.Message.Length, 1, 2000);
                Assert.InRange(problem.Line, 0, text.AsSpan().Count((byte)'\n') + 1);
            }

            _ = zone is null ? refused++ : loaded++;
            if (zone is { NameCount: < 1000 })
            {
                AskAll(zone);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(4000));

        // Else the test would be about one kind only.
        Assert.InRange(loaded, 100, int.MaxValue);
        Assert.InRange(refused, 100, int.MaxValue);
    }

    [Fact]
    public void Noise_is_no_zone()
    {
        Prop.ForAll(Seeds, seed =>
        {
            var random = new Random(seed);
            byte[] text = new byte[random.Next(5000)];
            random.NextBytes(text);
            if (random.Next(2) == 0)
            {
                // Lines of words rather than one long one.
                for (int i = 0; i < text.Length; i++)
                {
                    text[i] = (byte)" \n\t()\"\\;$@.*0129aAzZ-_:/"[text[i] % 24];
                }
            }

            Assert.Null(Load(text, out ZoneProblems problems));
            Assert.True(problems.HasErrors);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Theory]
    [InlineData("$INCLUDE zone\n", "nest deeper than 8")]
    [InlineData("$INCLUDE ./zone\n", "nest deeper than 8")]
    [InlineData("$INCLUDE zone\n$INCLUDE zone\n$INCLUDE zone\n$INCLUDE zone\n", "nest deeper than 8")]
    [InlineData("$INCLUDE wide0\n", "more than 1000 includes")]
    [InlineData("$INCLUDE fat\n$INCLUDE fat\n$INCLUDE fat\n", "included more than once must not be longer than 16777216 octets")]
    [InlineData("$GENERATE 0-4294967295 $ A 192.0.2.1\n", "a range must be")]
    [InlineData("$GENERATE 0-2147483647 $ A 192.0.2.1\n", "must not make more than 65536 records")]
    [InlineData("$GENERATE 0-65535 $.MANY A 192.0.2.1\n", "all ranges together must not make more than 1048576 records")]
    [InlineData("$GENERATE 0-65535 $ TXT LONG\n", "what all ranges make must not be longer than 67108864 octets")]
    [InlineData("$GENERATE 0-65535 $ TXT ${0,2147483647}\n", "a width up to 255")]
    [InlineData("$GENERATE 0-65535 $ TXT ${-2147483648}\n", "a substitution must be")]
    public void Bombs_are_refused(string text, string error)
    {
        if (text.Contains("MANY", StringComparison.Ordinal))
        {
            text = string.Concat(Enumerable.Range(0, 1000).Select(i => text.Replace("MANY", "m" + i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        }

        text = text.Replace("LONG", string.Concat(Enumerable.Repeat($"\"{new string('x', 250)}\" ", 200)), StringComparison.Ordinal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Load(Encoding.Latin1.GetBytes(Apex + text), out ZoneProblems problems));
        Assert.Contains(problems.Errors, e => e.Message.Contains(error, StringComparison.Ordinal));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    /// <summary>Long and deep things that take time or stack where each octet is looked at more than once.</summary>
    [Theory]
    [InlineData("blanks", false)]
    [InlineData("parentheses", false)]
    [InlineData("parentheses that close", true)]
    [InlineData("lines in parentheses", true)]
    [InlineData("one word", false)]
    [InlineData("a quote", false)]
    [InlineData("NULs", false)]
    [InlineData("comments", true)]
    [InlineData("strings", false)]
    [InlineData("hexadecimal", false)]
    [InlineData("labels", false)]
    [InlineData("types", true)]
    [InlineData("addresses", true)]
    [InlineData("more addresses than a message counts", false)]
    [InlineData("one record again and again", true)]
    [InlineData("signatures", true)]
    [InlineData("empty lines", true)]
    [InlineData("origins", true)]
    [InlineData("errors", false)]
    public void Large_texts_are_read_in_time_that_grows_with_them(string kind, bool isRight)
    {
        const int Size = 4_000_000;
        string text = kind switch
        {
            "blanks" => "a" + new string(' ', Size) + "A",
            "parentheses" => "a TXT " + new string('(', Size),
            "parentheses that close" => "a TXT " + new string('(', Size / 2) + "x" + new string(')', Size / 2) + "\n",
            "lines in parentheses" => "a TXT (" + new string('\n', Size) + "x )\n",
            "one word" => "a TXT " + new string('x', Size),
            "a quote" => "a TXT \"" + new string('x', Size),
            "NULs" => new string('\0', Size),
            "comments" => string.Concat(Enumerable.Repeat("; (\"\n", Size / 5)),
            "strings" => "a TXT " + string.Concat(Enumerable.Repeat("\"\" ", Size / 3)),
            "hexadecimal" => "a TYPE65280 \\# 65535 " + new string('0', Size),
            "labels" => string.Concat(Enumerable.Repeat("a.", Size / 2)) + " A 192.0.2.1",
            "types" => string.Concat(Enumerable.Range(1000, 30_000).Select(i => $"a TYPE{i} \\# 0\n")),
            "addresses" or "more addresses than a message counts" => string.Concat(Enumerable.Range(0, kind == "addresses" ? 65_535 : 200_000).Select(i => $"a A 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}\n")),
            "one record again and again" => string.Concat(Enumerable.Repeat("a A 192.0.2.1\n", Size / 14)),
            "signatures" => "a A 192.0.2.1\n" + string.Concat(Enumerable.Range(0, 40_000).Select(i => $"a RRSIG A 13 3 60 20300101000000 20200101000000 {i} @ AA==\n")),
            "empty lines" => new string('\n', Size),
            "origins" => string.Concat(Enumerable.Repeat("$ORIGIN a.example.org.\n", Size / 23)),
            _ => string.Concat(Enumerable.Repeat("a A x\n", Size / 6)),
        };
        bool isLoaded = Load(Encoding.Latin1.GetBytes(Apex + text), out ZoneProblems problems) is not null;
        Assert.True(isRight == isLoaded, string.Join('\n', problems.Items));
        Assert.InRange(problems.Items.Count, isRight ? 0 : 1, 2 * ZoneProblems.Limit);
        Assert.All(problems.Items, p => Assert.InRange(p.Message.Length, 1, 2000));
    }

    [Fact]
    public void A_device_that_never_ends_is_empty()
    {
        if (File.Exists("/dev/zero"))
        {
            var problems = new ZoneProblems();
            Assert.Null(ZoneLoader.FromFile("/dev/zero", DnsName.Parse("example.org."), problems));
            Assert.Contains("there must be a SOA record", Assert.Single(problems.Errors).Message, StringComparison.Ordinal);
        }
    }

    private static byte[] Mutate(byte[] from, Random random)
    {
        List<byte> text = [.. from];
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(text.Count);
            int length = Math.Min(random.Next(1, 40), text.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    text.RemoveRange(at, length);
                    break;
                case 1:
                    text.InsertRange(at, text.GetRange(at, length));
                    break;
                case 2:
                    text.InsertRange(random.Next(text.Count), text.GetRange(at, length));
                    break;
                case 3:
                    text[at] = (byte)random.Next(256);
                    break;
                default:
                    text.InsertRange(at, Encoding.Latin1.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
            }
        }

        return [.. text];
    }

    private static Zone? Load(byte[] text, out ZoneProblems problems)
    {
        problems = new ZoneProblems();
        return ZoneLoader.FromText(text, "zone", DnsName.Parse("example.org."), problems, file => Path.GetFileName(file) switch
        {
            "zone" => text,
            "part" => "x A 192.0.2.3\n$ORIGIN other\ny A 192.0.2.4\n"u8.ToArray(),
            "fat" => Encoding.Latin1.GetBytes(new string(';', 9 << 20)),
            "wide6" => "a A 192.0.2.1\n"u8.ToArray(),
            ['w', 'i', 'd', 'e', char c] => Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat($"$INCLUDE wide{(char)(c + 1)}\n", 10))),
            _ => throw new FileNotFoundException("there is no such file"),
        });
    }

    /// <summary>Asks for every name, and one below each.</summary>
    private static void AskAll(Zone zone)
    {
        byte[] scratch = new byte[ZoneLookup.ScratchSize];
        for (int i = 0; i < zone.NameCount; i++)
        {
            DnsName name = zone.NodeAt(i).Name.ToName();
            if (!name.IsSubdomainOf(zone.Origin))
            {
                continue;
            }

            Ask(name);
            if (DnsName.TryParse("nothing", name, out DnsName? below, out _))
            {
                Ask(below);
            }
        }

        void Ask(DnsName name)
        {
            foreach (DnsRecordType type in (DnsRecordType[])[DnsRecordType.A, DnsRecordType.ANY, DnsRecordType.DS])
            {
                var sink = default(Counter);
                DnsName lower = name.ToLower();
                ZoneLookup.Find(zone, lower.View, lower.Hash, type, dnssec: true, scratch, ref sink);
            }
        }
    }

    private readonly struct Counter : IAnswerSink
    {
        public void Add(DnsSection section, in RRsetView records) => Assert.NotEqual(0, records.Count);

        public void Add(DnsSection section, in RRsetView records, uint ttl) => Assert.NotEqual(0, records.Count);

        public void Add(DnsSection section, in RRsetView records, DnsNameView owner) => Assert.NotEqual(0, records.Count);

        public void AddCname(DnsNameView owner, DnsRecordClass @class, uint ttl, DnsNameView target) => Assert.NotEqual(0, target.Length);
    }
}
