using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

public class DnsQueryBeginTests
{
    private readonly DnsQuery _query = new(4096, 4096);

    public static TheoryData<string, byte[], QueryVerdict> Messages()
    {
        static QueryMessage Ask() => new QueryMessage().Question("www.example.org.");
        byte[] question = Ask().Build();
        return new TheoryData<string, byte[], QueryVerdict>
        {
            { "nothing", [], QueryVerdict.Drop },
            { "one octet short of a header", question[..11], QueryVerdict.Drop },
            { "a response (QR), RFC 1035 4.1.1", new QueryMessage { Flags = 0x8000 }.Question("a.").Build(), QueryVerdict.Drop },
            { "a response with another opcode", new QueryMessage { Flags = 0xA800 }.Build(), QueryVerdict.Drop },
            { "opcode IQUERY", new QueryMessage { Flags = 1 << 11 }.Question("a.").Build(), QueryVerdict.NotImplemented },
            { "opcode STATUS", new QueryMessage { Flags = 2 << 11 }.Question("a.").Build(), QueryVerdict.NotImplemented },
            { "opcode NOTIFY, RFC 1996 3.1", new QueryMessage { Flags = 4 << 11 }.Question("a.", DnsRecordType.SOA).Build(), QueryVerdict.Notification },
            { "NOTIFY with the new SOA, RFC 1996 3.7", new QueryMessage { Flags = 4 << 11 }.Question("a.", DnsRecordType.SOA).Record("a.", DnsRecordType.SOA, new byte[22], 1).Build(), QueryVerdict.Notification },
            { "NOTIFY of nothing", new QueryMessage { Flags = 4 << 11 }.Build(), QueryVerdict.FormatError },
            { "a response to NOTIFY", new QueryMessage { Flags = 0x8000 | (4 << 11) }.Question("a.").Build(), QueryVerdict.Drop },
            { "opcode UPDATE", new QueryMessage { Flags = 5 << 11 }.Question("a.").Build(), QueryVerdict.NotImplemented },
            { "opcode 15, nothing else", new QueryMessage { Flags = 15 << 11 }.Build(), QueryVerdict.NotImplemented },
            { "no question", new QueryMessage().Build(), QueryVerdict.FormatError },
            { "two questions", Ask().Question("b.").Build(), QueryVerdict.FormatError },
            { "65,535 questions", Ask().Count(0, 65535).Build(), QueryVerdict.FormatError },
            { "a question", question, QueryVerdict.Accept },
            { "a question for the root", new QueryMessage().Question(".").Build(), QueryVerdict.Accept },
            { "a name of 255 octets", new QueryMessage().Question(LongName(255)).Build(), QueryVerdict.Accept },
            { "a name cut short", question[..20], QueryVerdict.FormatError },
            { "a question without its class", question[..^2], QueryVerdict.FormatError },
            { "a label of 64 octets", new QueryMessage().Count(0, 1).Append([64, .. new byte[64], 0, 0, 1, 0, 1]).Build(), QueryVerdict.FormatError },
            { "a compressed question name", new QueryMessage().Count(0, 1).Append(0xC0, 12, 0, 1, 0, 1).Build(), QueryVerdict.FormatError },
            { "a question name ending in a pointer", new QueryMessage().Count(0, 1).Append(1, 97, 0xC0, 12, 0, 1, 0, 1).Build(), QueryVerdict.FormatError },
            { "a name of 256 octets", new QueryMessage().Count(0, 1).Append([.. Enumerable.Repeat((byte[])[1, 97], 128).SelectMany(l => l), 0, 0, 1, 0, 1]).Build(), QueryVerdict.FormatError },
            { "EDNS", Ask().Opt().Build(), QueryVerdict.Accept },
            { "EDNS with options", Ask().Opt(options: [0, 3, 0, 0, 0xFF, 0xFE, 0, 2, 1, 2]).Build(), QueryVerdict.Accept },
            { "an option longer than OPT", Ask().Opt(options: [0, 3, 0, 1]).Build(), QueryVerdict.FormatError },
            { "half an option", Ask().Opt(options: [0, 3]).Build(), QueryVerdict.FormatError },
            { "two OPT records, RFC 6891 6.1.1", Ask().Opt().Opt().Build(), QueryVerdict.FormatError },
            { "OPT in the answer section", Ask().Opt(section: 1).Build(), QueryVerdict.FormatError },
            { "OPT in the authority section", Ask().Opt(section: 2).Build(), QueryVerdict.FormatError },
            { "OPT with an owner, RFC 6891 6.1.2", Ask().Opt(owner: [1, 97, 0]).Build(), QueryVerdict.FormatError },
            { "OPT cut short", Ask().Opt(options: [0, 3, 0, 0]).Build()[..^1], QueryVerdict.FormatError },
            { "EDNS version 1, RFC 6891 6.1.3", Ask().Opt(version: 1).Build(), QueryVerdict.BadVersion },
            { "EDNS version 255", Ask().Opt(version: 255).Build(), QueryVerdict.BadVersion },
            { "EDNS version 1 twice", Ask().Opt(version: 1).Opt(version: 1).Build(), QueryVerdict.FormatError },
            { "OPT and TSIG", Ask().Opt().Record("key.", DnsRecordType.TSIG, new byte[20], 3).Build(), QueryVerdict.Accept },
            { "the SOA of an IXFR, RFC 1995 3", new QueryMessage().Question("a.", DnsRecordType.IXFR).Record("a.", DnsRecordType.SOA, new byte[22], 2).Build(), QueryVerdict.Accept },
            { "two answers", Ask().Record("a.", DnsRecordType.A, new byte[4], 1).Record("a.", DnsRecordType.A, new byte[4], 1).Build(), QueryVerdict.FormatError },
            { "four additional records", Ask().Count(3, 4).Build(), QueryVerdict.FormatError },
            { "a record that is counted but not there", Ask().Count(3, 1).Build(), QueryVerdict.FormatError },
            { "garbage after the question", [.. question, 1, 2, 3, 0xC0], QueryVerdict.Accept },
            { "garbage after OPT", [.. Ask().Opt().Build(), 0xFF, 0xFF], QueryVerdict.Accept },
        };
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_gets_its_verdict(string what, byte[] message, QueryVerdict verdict)
    {
        Assert.NotEmpty(what);
        Assert.Equal(verdict, QueryMessage.Begin(_query, message));
    }

    [Theory]
    [InlineData(null, 512)]
    [InlineData(0, 512)]
    [InlineData(511, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 513)]
    [InlineData(1232, 1232)]
    [InlineData(4096, 4096)]
    [InlineData(65535, 4096)]
    public void A_udp_reply_has_the_clients_size_and_at_most_the_send_buffers(int? size, int limit)
    {
        QueryMessage message = new QueryMessage().Question("a.");
        Assert.Equal(QueryVerdict.Accept, (size is { } s ? message.Opt(s) : message).Begin(_query));
        Assert.Equal(limit, _query.MaxReplySize);
    }

    [Theory]
    [InlineData(DnsTransport.Tcp)]
    [InlineData(DnsTransport.Tls)]
    [InlineData(DnsTransport.Https)]
    [InlineData(DnsTransport.Internal)]
    public void A_streams_reply_may_be_of_any_size_whatever_edns_says(DnsTransport transport)
    {
        Assert.Equal(QueryVerdict.Accept, new QueryMessage().Question("a.").Opt(512).Begin(_query, transport));
        Assert.Equal(65535, _query.MaxReplySize);
    }

    [Fact]
    public void The_question_is_kept_as_sent_and_in_lower_case()
    {
        Assert.Equal(QueryVerdict.Accept, new QueryMessage().Question("WwW.eXample.ORG.", DnsRecordType.MX, DnsRecordClass.CH).Begin(_query));

        Assert.Equal("WwW.eXample.ORG.", _query.AskedName.ToString());
        Assert.Equal("www.example.org.", _query.LowerName.ToString());
        Assert.Equal(_query.LowerName.Hash, _query.NameHash);
        Assert.Equal(DnsRecordType.MX, _query.Type);
        Assert.Equal(DnsRecordClass.CH, _query.Class);
        Assert.Equal(_query.QuestionEnd - DnsHeader.Size, _query.AskedQuestion.Length);
    }

    [Fact]
    public void A_new_life_forgets_the_one_before()
    {
        var slot = new QuerySlot<int>(3);
        new QueryMessage().Question("a.example.").Opt(4096, dnssecOk: true, options: [0, 3, 0, 0]).Begin(_query);
        _query.Slot(slot) = 7;
        _query.Fail(DnsResponseCode.ServerFailure, "no reason");
        _query.Response.AddOption(EdnsOptionCode.NameServerId, "me"u8);
        _query.Response.Flags = DnsResponseFlags.Authoritative;
        _query.Depth = 3;
        _query.Zone = Protocol.Names.DnsName.Parse("example.");

        new QueryMessage().Question("b.").Begin(_query);

        Assert.Null(_query.Failure);
        Assert.Equal(0, _query.Slot(slot));
        Assert.False(_query.Edns.IsPresent);
        Assert.False(_query.DnssecOk);
        Assert.Equal(0, _query.Depth);
        Assert.True(_query.Zone.IsRoot);
        Assert.Equal(512, _query.MaxReplySize);
        Assert.Equal(DnsResponseCode.NoError, _query.Response.Code);
        Assert.Equal(DnsResponseFlags.None, _query.Response.Flags);
        Assert.Equal(0, _query.Response.Options.Length);
        Assert.Equal(ResponseForm.Empty, _query.Response.Form);
    }

    [Fact]
    public void A_slot_outlives_the_plan_that_reserved_its_place()
    {
        // Pooled queries go from one configuration to the next, which may keep something else in the same place.
        new QueryMessage().Question("a.").Begin(_query);
        _query.Slot(new QuerySlot<int>(0)) = 5;
        Assert.Null(_query.Slot(new QuerySlot<string>(0)));
        _query.Slot(new QuerySlot<string>(0)) = "text";
        Assert.Equal(0, _query.Slot(new QuerySlot<int>(0)));
    }

    [Fact]
    public void Slots_keep_their_values_within_a_query()
    {
        new QueryMessage().Question("a.").Begin(_query);
        QuerySlot<long>[] slots = [.. Enumerable.Range(0, 20).Select(i => new QuerySlot<long>(i))];
        foreach (QuerySlot<long> slot in slots)
        {
            _query.Slot(slot) = slot.Index + 100;
        }

        Assert.All(slots, s => Assert.Equal(s.Index + 100, _query.Slot(s)));
    }

    [Fact]
    public void A_question_of_the_servers_own_can_be_begun()
    {
        var name = Protocol.Names.DnsName.Parse(LongName(255));
        var small = new DnsQuery(512, 512);
        int length = small.WriteQuestion(name.View, DnsRecordType.AAAA, DnsRecordClass.IN, DnsHeader.CheckingDisabledFlag, dnssecOk: true);
        Assert.Equal(QueryVerdict.Accept, small.Begin(length, DnsTransport.Internal));
        Assert.True(small.LowerName.Equals(name.View));
        Assert.True(small.DnssecOk);
        Assert.True(small.Header.CheckingDisabled);
        Assert.False(small.Header.RecursionDesired);
    }

    [Fact]
    public void No_octets_make_it_throw()
    {
        byte[] seed = new QueryMessage().Question("www.example.org.").Opt(options: [0, 8, 0, 7, 0, 1, 24, 0, 1, 2, 3]).Build();
        var query = new DnsQuery(512, 512);
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            n =>
            {
                var random = new Random(n);
                byte[] message = random.Next(3) == 0 ? new byte[random.Next(64)] : [.. seed];
                if (random.Next(3) == 0)
                {
                    random.NextBytes(message);
                }

                for (int i = random.Next(6); i > 0 && message.Length > 0; i--)
                {
                    message[random.Next(message.Length)] = (byte)random.Next(256);
                }

                QueryVerdict verdict = QueryMessage.Begin(query, message.AsSpan(0, message.Length - random.Next(Math.Min(5, message.Length + 1))));
                query.Response.SetEmpty(DnsResponseCode.FormatError);
                int length = query.QuestionEnd > DnsHeader.Size ? ResponseEncoder.Encode(query) : ResponseEncoder.EncodeHeader(query, DnsResponseCode.FormatError);
                return verdict == QueryVerdict.Drop || length >= DnsHeader.Size;
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    internal static string LongName(int octets)
    {
        string text = "";
        for (int left = octets - 1; left > 0;)
        {
            int label = Math.Min(63, left - 1);
            label = left - label - 1 == 1 ? label - 1 : label;
            text += new string('x', label) + ".";
            left -= label + 1;
        }

        return text;
    }
}
