using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

public class WireFormTests
{
    private readonly DnsQuery _query = new(512, 65535);

    [Fact]
    public void Records_to_wire_to_records_to_wire_says_the_same()
    {
        var other = new DnsQuery(512, 65535);
        var third = new DnsQuery(512, 65535);
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed =>
            {
                Ask(_query, edns: true);
                RandomResponse.Fill(_query, new Random(seed));
                byte[] first = Encode(_query);
                ParsedMessage said = new(first);

                Ask(other, edns: true);
                Assert.True(other.Response.SetWire(first));
                Assert.Equal(ResponseForm.Wire, other.Response.Form);
                AssertSame(said, new ParsedMessage(Encode(other)));

                third.Response.Clear();
                Ask(third, edns: false);
                third.Response.CopyFrom(other.Response);
                Assert.Equal(other.Response.Code, third.Response.Code);

                Assert.True(other.Response.TryMaterialize());
                Assert.Equal(ResponseForm.Records, other.Response.Form);
                AssertSame(said, new ParsedMessage(Encode(other)));

                Assert.True(third.Response.TryMaterialize());
                third.Response.AddFrom(other.Response);
                Assert.Equal(2 * said.Records.Count, third.Response.Entries.Length);

                Assert.True(WireImage.TryCreate(first, out WireImage? image));
                Assert.Equal(said.Code, image.Code);
                Assert.Equal(said.Records.Count, image.TtlOffsets.Length);
                Ask(other, edns: true);
                other.Response.UseImage(image, TtlMode.Keep, 0);
                AssertSame(said, new ParsedMessage(Encode(other)));
                third.Response.CopyFrom(other.Response);
                Assert.Same(image, third.Response.Image);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(1_000));
    }

    [Theory]
    [InlineData(TtlMode.Keep, 77, 300, 10)]
    [InlineData(TtlMode.Subtract, 10, 290, 0)]
    [InlineData(TtlMode.Subtract, 11, 289, 0)]
    [InlineData(TtlMode.Subtract, uint.MaxValue, 0, 0)]
    [InlineData(TtlMode.Replace, 42, 42, 42)]
    [InlineData(TtlMode.Replace, 0, 0, 0)]
    public void TTLs_are_kept_lowered_or_replaced_as_image_and_as_records_alike(TtlMode mode, uint seconds, uint first, uint second)
    {
        Ask(_query, edns: true);
        _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, 2, 1]);
        _query.Response.AddSynthesized(DnsSection.Additional, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 10, [192, 0, 2, 2]);
        Assert.True(WireImage.TryCreate(Encode(_query), out WireImage? image));

        Ask(_query, edns: true);
        _query.Response.UseImage(image, mode, seconds);
        Assert.Equal([first, second], new ParsedMessage(Encode(_query)).Records.Select(r => r.Ttl));
        Assert.Equal(ResponseEncoder.AnnouncedUdpSize, new ParsedMessage(Encode(_query)).Edns.UdpPayloadSize);

        var copy = new DnsQuery(512, 4096);
        Ask(copy, edns: false);
        copy.Response.CopyFrom(_query.Response);
        Assert.Equal([first, second], new ParsedMessage(Encode(copy)).Records.Select(r => r.Ttl));

        Assert.True(_query.Response.TryMaterialize());
        Assert.Equal(TtlMode.Keep, _query.Response.TtlMode);
        Assert.Equal([first, second], new ParsedMessage(Encode(_query)).Records.Select(r => r.Ttl));

        // The image itself is as it was.
        Assert.Equal([300u, 10u], image.TtlOffsets.ToArray().Select(o => BinaryPrimitives.ReadUInt32BigEndian(image.Message[o..])));
    }

    [Fact]
    public void Records_behind_opt_are_kept_though_they_point_behind_it()
    {
        // question, OPT, then two records, the second of which points into the first.
        byte[] message =
        [
            .. new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Opt(options: [0, 3, 0, 1, 65]).Build(),
            4, .. "else"u8, 0xC0, 16, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1,
            0xC0, 49, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 2,
        ];
        int second = message.Length - 16;
        int first = second - 21;
        message[second + 1] = (byte)first;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), 3);
        var before = new ParsedMessage(message);
        Assert.Equal(["else.example.org.", "else.example.org."], before.Records.Select(r => r.Owner));

        Assert.True(WireIndex.TryScan(message, [], out WireScan scan));
        Assert.False(scan.OptIsLast);
        Assert.False(WireImage.TryCreate(message, out _));

        Ask(_query, edns: false);
        Assert.True(_query.Response.SetWire(message));
        Assert.Equal(ResponseForm.Records, _query.Response.Form);
        var reply = new ParsedMessage(Encode(_query));
        Assert.Equal(before.Records, reply.Records);
        Assert.False(reply.Edns.IsPresent);
    }

    [Fact]
    public void The_upstreams_opt_and_tsig_are_dropped_and_its_extended_code_kept()
    {
        byte[] message = new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Opt(options: [0, 3, 0, 1, 65]).Record("key.", DnsRecordType.TSIG, new byte[16], 3).Build();
        message[BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(4)) + 12 + 17 + 4 + 4] = 1;     // the upper rcode bits
        Assert.True(WireIndex.TryScan(message, [], out WireScan scan));
        Assert.Equal(DnsResponseCode.BadVersion, scan.Code);
        Assert.Equal(0, scan.RecordCount);
        Assert.Equal(33, scan.OptOffset);
        Assert.Equal(16, scan.OptLength);

        Ask(_query, edns: true);
        Assert.True(_query.Response.SetWire(message));
        var reply = new ParsedMessage(Encode(_query));
        Assert.Empty(reply.Records);
        Assert.Empty(reply.Options);
        Assert.Equal(DnsResponseCode.BadVersion, reply.Code);
    }

    [Fact]
    public void A_message_that_is_no_response_to_one_question_changes_nothing()
    {
        byte[][] bad =
        [
            [],
            new byte[12],
            new QueryMessage { Flags = 0x8180 }.Question("a.").Question("b.").Build(),
            new QueryMessage { Flags = 0x8180 }.Question("a.").Count(1, 1).Build(),
            new QueryMessage { Flags = 0x8180 }.Question("a.").Opt(section: 1).Build(),
            [.. new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Opt().Record("a.", DnsRecordType.MX, [0, 1, 0xC0], 3).Build()],
        ];
        foreach (byte[] message in bad)
        {
            Ask(_query, edns: true);
            _query.Response.Code = DnsResponseCode.NameError;
            Assert.False(_query.Response.SetWire(message));
            Assert.False(WireImage.TryCreate(message, out _));
            Assert.Equal(DnsResponseCode.NameError, _query.Response.Code);
            Assert.Equal(ResponseForm.Empty, _query.Response.Form);
        }
    }

    [Fact]
    public void A_wire_form_with_bad_rdata_is_not_materialized_and_is_sent_as_it_is()
    {
        byte[] message = new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Record("www.example.org.", DnsRecordType.MX, [0, 1, 0xC0], 1).Build();
        new QueryMessage().Question("www.example.org.").Begin(_query);
        Assert.True(_query.Response.SetWire(message));
        Assert.False(_query.Response.TryMaterialize());
        Assert.Equal(ResponseForm.Wire, _query.Response.Form);
        byte[] reply = Encode(_query);
        Assert.Equal(message[12..], reply[12..]);

        // Too large for the client, it cannot be cut by RRsets: the question and TC are left.
        byte[] large = new QueryMessage { Flags = 0x8180 }.Question("www.example.org.").Record("www.example.org.", DnsRecordType.MX, [.. new byte[600], 0xC0], 1).Build();
        new QueryMessage().Question("www.example.org.").Begin(_query);
        Assert.True(_query.Response.SetWire(large));
        var cut = new ParsedMessage(Encode(_query));
        Assert.True(cut.Header.IsTruncated);
        Assert.Empty(cut.Records);
    }

    [Theory]
    [InlineData("x.example.org.")]
    [InlineData("abc.example.org.")]
    [InlineData("much-longer.name.example.org.")]
    [InlineData(".")]
    public void An_image_for_another_question_keeps_its_owners(string asked)
    {
        Ask(_query, edns: true);
        _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, 2, 1]);
        Assert.True(WireImage.TryCreate(Encode(_query), out WireImage? image));

        new QueryMessage().Question(asked).Begin(_query);
        _query.Response.UseImage(image, TtlMode.Subtract, 100);
        var reply = new ParsedMessage(Encode(_query));
        ParsedMessage.Record record = Assert.Single(reply.Records);
        Assert.Equal("www.example.org.", record.Owner.ToLowerInvariant());
        Assert.Equal(200u, record.Ttl);
    }

    [Fact]
    public void A_response_is_encoded_for_keeping_in_lower_case_without_id_and_opt()
    {
        byte[] kept = new byte[4096];
        new QueryMessage { Id = 77 }.Question("WWW.example.org.").Opt(dnssecOk: true, options: [0, 3, 0, 0]).Begin(_query);
        DnsResponse response = _query.Response;
        response.Flags = DnsResponseFlags.Authoritative | DnsResponseFlags.Truncated;
        response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.MX, DnsRecordClass.IN, 300, [0, 1, .. DnsName.Parse("mx.EXAMPLE.org.").Wire]);
        response.AddOption(EdnsOptionCode.NameServerId, "me"u8);

        Assert.True(ResponseEncoder.TryEncodeForKeeping(_query, kept, out int length));
        var message = new ParsedMessage(kept.AsSpan(0, length));
        Assert.Equal(0, message.Header.Id);
        Assert.True(message.Header.IsTruncated);
        Assert.True(message.Header.IsAuthoritative);
        Assert.False(message.Edns.IsPresent);
        Assert.Equal(DnsName.Parse("www.example.org.").Wire.ToArray(), message.Question[..^4]);
        Assert.Equal("www.example.org.", Assert.Single(message.Records).Owner);

        // From a wire form it is the same, and what does not fit is not kept.
        Assert.True(response.SetWire(kept.AsSpan(0, length)));
        Assert.True(ResponseEncoder.TryEncodeForKeeping(_query, kept, out int again));
        Assert.Equal(length, again);
        for (int size = 0; size < length; size++)
        {
            Assert.False(ResponseEncoder.TryEncodeForKeeping(_query, kept.AsSpan(0, size), out _));
        }

        Assert.True(response.TryMaterialize());
        for (int size = 0; size < length; size++)
        {
            Assert.False(ResponseEncoder.TryEncodeForKeeping(_query, kept.AsSpan(0, size), out _));
        }

        Assert.True(ResponseEncoder.TryEncodeForKeeping(_query, kept.AsSpan(0, length), out _));
    }

    [Fact]
    public void Keeping_half_of_the_additional_section_is_not_keeping()
    {
        Ask(_query, edns: false);
        _query.Response.AddSynthesized(DnsSection.Additional, _query.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 300, [200, .. new byte[200]]);
        Assert.False(ResponseEncoder.TryEncodeForKeeping(_query, new byte[200], out _));
    }

    [Fact]
    public void Adding_records_to_a_wire_form_replaces_it()
    {
        Ask(_query, edns: false);
        _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, 2, 1]);
        byte[] message = Encode(_query);
        _query.Response.SetWire(message);
        _query.Response.AddSynthesized(DnsSection.Answer, _query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 5, [192, 0, 2, 9]);
        Assert.Equal(5u, Assert.Single(new ParsedMessage(Encode(_query)).Records).Ttl);
    }

    [Fact]
    public void No_octets_make_the_scan_or_the_taking_apart_throw()
    {
        byte[] seed = [];
        Ask(_query, edns: true);
        RandomResponse.Fill(_query, new Random(11));
        seed = Encode(_query);
        var target = new DnsQuery(512, 512);
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            n =>
            {
                var random = new Random(n);
                byte[] message = seed[..random.Next(seed.Length + 1)];
                for (int i = random.Next(8); i > 0 && message.Length > 0; i--)
                {
                    message[random.Next(random.Next(2) == 0 ? Math.Min(message.Length, 40) : message.Length)] = (byte)random.Next(256);
                }

                new QueryMessage().Question("www.example.org.").Opt().Begin(target);
                if (target.Response.SetWire(message))
                {
                    Assert.InRange(ResponseEncoder.Encode(target), DnsHeader.Size, 512);
                    target.Response.TryMaterialize();
                    Assert.InRange(ResponseEncoder.Encode(target), DnsHeader.Size, 512);
                }

                WireImage.TryCreate(message, out _);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static void Ask(DnsQuery query, bool edns)
    {
        QueryMessage message = new QueryMessage().Question("wWw.example.org.", DnsRecordType.ANY);
        Assert.Equal(QueryVerdict.Accept, (edns ? message.Opt(4096) : message).Begin(query, DnsTransport.Tcp));
    }

    private static void AssertSame(ParsedMessage expected, ParsedMessage actual)
    {
        Assert.Equal(expected.Question, actual.Question);
        Assert.Equal(expected.Code, actual.Code);
        Assert.Equal(expected.Header.Flags, actual.Header.Flags);
        Assert.Equal(expected.Records.Select(Lower), actual.Records.Select(Lower));
    }

    /// <summary>Names that point into the question take its case on.</summary>
    private static ParsedMessage.Record Lower(ParsedMessage.Record record) => record with { Owner = record.Owner.ToLowerInvariant() };

    private static byte[] Encode(DnsQuery query)
    {
        int length = ResponseEncoder.Encode(query);
        return query.SendBuffer[..length];
    }
}
