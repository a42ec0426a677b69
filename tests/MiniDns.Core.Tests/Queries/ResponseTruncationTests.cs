using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

/// <summary>What does not fit is left out by whole RRsets (RFC 2181 §9, RFC 1035 §4.1.1).</summary>
public class ResponseTruncationTests
{
    private static readonly DnsSection[] Sections = [DnsSection.Answer, DnsSection.Authority, DnsSection.Additional];

    [Fact]
    public void Any_response_at_any_limit_is_a_message_of_whole_rrsets_with_TC_exactly_when_answer_or_authority_miss_something()
    {
        var whole = new DnsQuery(512, 65535);
        var cut = new DnsQuery(512, 65535);
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue).ToArbitrary(),
            seed =>
            {
                var random = new Random(seed);
                Ask(whole, random.Next(2) == 0);
                RandomResponse.Fill(whole, random);
                bool wire = random.Next(2) == 0;
                ParsedMessage full = Encode(whole);
                Assert.False(full.Header.IsTruncated);
                int limit = random.Next(3) == 0 ? 512 : 512 + random.Next(2000);

                Ask(cut, whole.Edns.IsPresent);
                Fill(cut, seed, wire, full, whole);
                cut.MaxReplySize = limit;
                int length = ResponseEncoder.Encode(cut);
                Assert.InRange(length, DnsHeader.Size, limit);
                var reply = new ParsedMessage(cut.SendBuffer.AsSpan(0, length));

                Assert.Equal(full.Question, reply.Question);
                Assert.Equal(full.Code, reply.Code);
                Assert.Equal(full.Edns.IsPresent, reply.Edns.IsPresent);
                bool missing = full.In(DnsSection.Answer).Count > reply.In(DnsSection.Answer).Count
                    || full.In(DnsSection.Authority).Count > reply.In(DnsSection.Authority).Count;
                Assert.Equal(missing, reply.Header.IsTruncated);
                foreach (DnsSection section in Sections)
                {
                    AssertWhole(full.In(section), reply.In(section), isPrefix: section != DnsSection.Additional);
                }

                // Sections come in order: nothing of a later one when an earlier one is cut.
                if (full.In(DnsSection.Answer).Count > reply.In(DnsSection.Answer).Count)
                {
                    Assert.Empty(reply.In(DnsSection.Authority));
                }

                if (missing)
                {
                    Assert.Empty(reply.In(DnsSection.Additional));
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Fact]
    public void Every_limit_cuts_where_the_next_rrset_would_not_fit()
    {
        var query = new DnsQuery(512, 65535);
        int previous = -1;
        for (int limit = 512; limit < 2200; limit++)
        {
            Ask(query, edns: true);
            for (int i = 0; i < 40; i++)
            {
                query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, (DnsRecordType)(65000 + i), DnsRecordClass.IN, 1, new byte[38]);
            }

            query.MaxReplySize = limit;
            ParsedMessage reply = Encode(query);
            int expected = Math.Min(40, (limit - 12 - query.AskedQuestion.Length - 11) / 50);
            Assert.Equal(expected, reply.Records.Count);
            Assert.Equal(expected < 40, reply.Header.IsTruncated);
            Assert.True(expected >= previous);
            previous = expected;
        }
    }

    [Fact]
    public void An_additional_rrset_that_does_not_fit_leaves_room_for_the_next_and_sets_no_TC()
    {
        var query = new DnsQuery(512, 512);
        Ask(query, edns: false);
        query.MaxReplySize = 512;
        query.Response.AddSynthesized(DnsSection.Additional, query.LowerName, (DnsRecordType)65000, DnsRecordClass.IN, 1, new byte[600]);
        query.Response.AddSynthesized(DnsSection.Additional, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 1, new byte[4]);
        ParsedMessage reply = Encode(query);
        Assert.Equal(DnsRecordType.A, Assert.Single(reply.Records).Type);
        Assert.False(reply.Header.IsTruncated);
    }

    [Fact]
    public void TC_of_an_upstream_is_passed_on_though_all_fits()
    {
        var query = new DnsQuery(512, 512);
        Ask(query, edns: false);
        query.Response.Flags = DnsResponseFlags.Truncated;
        byte[] message = query.SendBuffer[..ResponseEncoder.Encode(query)];
        Assert.True(new ParsedMessage(message).Header.IsTruncated);

        Ask(query, edns: true);
        Assert.True(query.Response.SetWire(message));
        Assert.True(Encode(query).Header.IsTruncated);
    }

    private static void Ask(DnsQuery query, bool edns)
    {
        QueryMessage message = new QueryMessage().Question("wWw.example.org.", DnsRecordType.ANY);
        Assert.Equal(QueryVerdict.Accept, (edns ? message.Opt(65535) : message).Begin(query, DnsTransport.Tcp));
    }

    /// <summary>The same response again, as records or as the wire that the whole one became.</summary>
    private static void Fill(DnsQuery query, int seed, bool wire, ParsedMessage full, DnsQuery whole)
    {
        if (wire)
        {
            int length = ResponseEncoder.Encode(whole);
            Assert.True(query.Response.SetWire(whole.SendBuffer.AsSpan(0, length)));
            Assert.Equal(full.Code, query.Response.Code);
            return;
        }

        var random = new Random(seed);
        _ = random.Next(2);
        RandomResponse.Fill(query, random);
    }

    private static void AssertWhole(IReadOnlyList<ParsedMessage.Record> full, IReadOnlyList<ParsedMessage.Record> part, bool isPrefix)
    {
        if (isPrefix)
        {
            Assert.Equal(full.Take(part.Count), part);
            if (part.Count > 0 && part.Count < full.Count)
            {
                // The cut is not inside a run of records of one RRset, unless the response itself split it in two.
                ParsedMessage.Record last = part[^1];
                ParsedMessage.Record next = full[part.Count];
                Assert.True(last.Owner.ToLowerInvariant() != next.Owner.ToLowerInvariant() || last.Type != next.Type || last.Ttl != next.Ttl || IsBoundary(full, part.Count));
            }
        }
        else
        {
            int at = 0;
            foreach (ParsedMessage.Record record in part)
            {
                while (at < full.Count && !full[at].Equals(record))
                {
                    at++;
                }

                Assert.True(at < full.Count);
                at++;
            }
        }
    }

    /// <summary>Two sets with the same owner, type and TTL next to each other: random TTLs make that practically impossible.</summary>
    private static bool IsBoundary(IReadOnlyList<ParsedMessage.Record> full, int at) => at == 0 || at == full.Count;

    private static ParsedMessage Encode(DnsQuery query)
    {
        int length = ResponseEncoder.Encode(query);
        return new ParsedMessage(query.SendBuffer.AsSpan(0, length));
    }
}
