using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Tsig;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Tsig;

public sealed class TsigHandlerTests
{
    private const string OtherSecret = "AAAAJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=";

    private readonly SnippetServices _services = new();

    [Theory]
    [InlineData("", "require all", DnsRecordType.A, true, DnsResponseCode.NoError, true)]
    [InlineData("", "require all", DnsRecordType.A, false, DnsResponseCode.Refused, false)]
    [InlineData("another.domain", "require all", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    [InlineData("another.domain", "require all", DnsRecordType.A, true, DnsResponseCode.NoError, false)]
    [InlineData("", "require AXFR", DnsRecordType.AXFR, true, DnsResponseCode.NoError, true)]
    [InlineData("", "require AXFR", DnsRecordType.AXFR, false, DnsResponseCode.Refused, false)]
    [InlineData("", "require AXFR IXFR", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    [InlineData("", "", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    [InlineData("", "", DnsRecordType.A, true, DnsResponseCode.NoError, true)]
    [InlineData("", "require none", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    [InlineData("", "require_opcode UPDATE", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    [InlineData("", "require_opcode all", DnsRecordType.A, true, DnsResponseCode.NoError, true)]
    [InlineData("", "require_opcode all", DnsRecordType.A, false, DnsResponseCode.Refused, false)]
    [InlineData("", "require_opcode QUERY", DnsRecordType.A, false, DnsResponseCode.Refused, false)]
    [InlineData("", "require_opcode none", DnsRecordType.A, false, DnsResponseCode.NoError, false)]
    public void Queries_are_taken_or_refused_by_the_rules(string zones, string rule, DnsRecordType type, bool isSigned, DnsResponseCode code, bool signsReply)
    {
        SignedAsker asker = Asker($"tsig {zones} {{\n secret {SignedAsker.KeyName} {SignedAsker.Secret}\n {rule}\n}}");
        byte[] reply = asker.Ask("test.example.", type, isSigned);
        Assert.Equal(code, SignedAsker.Code(reply));
        Assert.Equal(signsReply, SignedAsker.IsSigned(reply));
        if (signsReply)
        {
            Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
        }
    }

    [Theory]
    [InlineData("require_opcode NOTIFY", true, DnsResponseCode.NoError)]
    [InlineData("require_opcode NOTIFY", false, DnsResponseCode.Refused)]
    [InlineData("require_opcode UPDATE", false, DnsResponseCode.NoError)]
    [InlineData("require SOA", false, DnsResponseCode.Refused)]
    public void Notifications_are_taken_or_refused_by_the_rules(string rule, bool isSigned, DnsResponseCode code)
    {
        SignedAsker asker = Asker(Tsig(rule));
        byte[] reply = asker.Ask("test.example.", DnsRecordType.SOA, isSigned, opcode: DnsOpcode.Notify);
        Assert.Equal(code, SignedAsker.Code(reply));
        Assert.Equal(isSigned, SignedAsker.IsSigned(reply));
    }

    /// <summary>Updates do not come to plugins, whatever the rules say of them: the server answers NOTIMP before.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rfc2136_updates_are_not_implemented_signed_or_not(bool isSigned)
    {
        SignedAsker asker = Asker(Tsig("require AXFR\n require_opcode UPDATE"));
        Assert.Equal(QueryVerdict.NotImplemented, asker.BeginUpdate("test.example.", isSigned));
    }

    [Theory]
    [InlineData("bad.key.", SignedAsker.Secret, DnsResponseCode.BadKey)]
    [InlineData("test.key.", OtherSecret, DnsResponseCode.BadVersion)]
    public void Rfc8945_5_3_2_a_bad_key_or_signature_is_answered_NOTAUTH_unsigned(string key, string secret, DnsResponseCode error)
    {
        SignedAsker asker = Asker(Tsig("require all"), key, secret);
        byte[] reply = asker.Ask("test.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.NotAuthoritative, SignedAsker.Code(reply));
        Assert.Equal(TsigStatus.PeerError, asker.Requester.Verify(reply));
        Assert.Equal(error, asker.Requester.PeerError);
        Assert.Empty(Read(reply).Mac.ToArray());
        Assert.Equal(0ul, Read(reply).TimeSigned);
    }

    [Fact]
    public void Rfc8945_5_2_3_a_wrong_time_is_answered_NOTAUTH_signed_with_ours()
    {
        TestTimeProvider clock = new();
        SignedAsker asker = new(Chain(Tsig("")), clock);
        clock.Advance(TimeSpan.FromSeconds(600));
        byte[] reply = asker.Ask("test.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.NotAuthoritative, SignedAsker.Code(reply));
        Assert.Equal(TsigStatus.PeerError, asker.Requester.Verify(reply));
        Assert.Equal(DnsResponseCode.BadTime, asker.Requester.PeerError);
        Assert.Equal((ulong)_services.Time.GetUtcNow().ToUnixTimeSeconds(), asker.Requester.PeerTime);
        Assert.Equal(32, Read(reply).Mac.Length);
    }

    [Fact]
    public void Rfc8945_5_2_2_1_an_impossible_MAC_is_FORMERR_unsigned()
    {
        SignedAsker asker = Asker(Tsig(""));
        int length = asker.Begin("test.example.", DnsRecordType.A);
        DnsQuery query = asker.Harness.Query;

        // The MAC's length lies before it; the octets that it is cut by become other data, so that the record stays whole.
        int macAt = length - 6 - 32;
        query.ReceiveBuffer[macAt - 1] = 8;
        query.ReceiveBuffer[macAt + 8 + 5] = 24;
        query.Begin(length, DnsTransport.Udp);
        byte[] reply = query.SendBuffer.AsSpan(0, asker.Harness.Run()).ToArray();
        Assert.Equal(DnsResponseCode.FormatError, SignedAsker.Code(reply));
        Assert.False(SignedAsker.IsSigned(reply));
    }

    [Fact]
    public void Rfc8945_5_1_a_TSIG_record_that_is_not_the_last_is_FORMERR()
    {
        DnsQuery query = new(4096, 4096);
        SignedAsker asker = Asker(Tsig(""));
        int length = asker.Begin("test.example.", DnsRecordType.A);
        asker.Harness.Query.Wire.CopyTo(query.ReceiveBuffer);
        ReadOnlySpan<byte> opt = [0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0];
        opt.CopyTo(query.ReceiveBuffer.AsSpan(length));
        query.ReceiveBuffer[11]++;
        Assert.Equal(QueryVerdict.FormatError, query.Begin(length + opt.Length, DnsTransport.Udp));
        query.ReceiveBuffer[11]--;
        Assert.Equal(QueryVerdict.FormatError, query.Begin(length + opt.Length, DnsTransport.Udp));
        Assert.Equal(QueryVerdict.Accept, query.Begin(length, DnsTransport.Udp));
    }

    [Theory]
    [InlineData("hmac-sha1")]
    [InlineData("hmac-sha224")]
    [InlineData("hmac-sha384")]
    [InlineData("hmac-sha512")]
    public void Every_algorithm_is_spoken(string algorithm)
    {
        SignedAsker asker = Asker(Tsig("require all"), algorithm: algorithm);
        byte[] reply = asker.Ask("test.example.", DnsRecordType.A, dnssecOk: true);
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
        Assert.Equal(DnsResponseCode.NoError, SignedAsker.Code(reply));
    }

    [Fact]
    public void Errors_of_the_chain_are_signed()
    {
        SignedAsker asker = new(Chain(Tsig(""), new FuncHandler(q => q.Fail(DnsResponseCode.ServerFailure, "broken"))), _services.Time);
        byte[] reply = asker.Ask("test.example.", DnsRecordType.A);
        Assert.Equal(DnsResponseCode.ServerFailure, SignedAsker.Code(reply));
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
    }

    [Theory]
    [InlineData(AnswerForm.RRsets)]
    [InlineData(AnswerForm.Image)]
    public void A_large_reply_leaves_room_for_its_signature(AnswerForm form)
    {
        string[] addresses = [.. Enumerable.Range(1, 26).Select(i => $"test.example. 300 IN A 192.0.2.{i}")];
        ScriptedAnswer script = new ScriptedAnswer { Form = form }.Answer(addresses).Prepare("test.example.", DnsRecordType.A);
        SignedAsker asker = new(Chain(Tsig(""), script), _services.Time);
        byte[] unsigned = asker.Ask("test.example.", DnsRecordType.A, isSigned: false);
        Assert.False(Header(unsigned).IsTruncated);
        Assert.InRange(unsigned.Length, 440, 512);

        byte[] reply = asker.Ask("test.example.", DnsRecordType.A);
        Assert.True(Header(reply).IsTruncated);
        Assert.InRange(reply.Length, 100, 512);
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));

        reply = asker.Ask("test.example.", DnsRecordType.A, transport: DnsTransport.Tcp);
        Assert.Equal(26, Header(reply).AnswerCount);
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
    }

    [Fact]
    public void The_longest_names_get_a_signed_reply_too()
    {
        string longName = string.Join('.', Enumerable.Repeat(new string('a', 62), 4)) + ".";
        SnippetSetup setup = SnippetSetup.Run(new TsigPlugin(), $"tsig {{\n secret {longName} {SignedAsker.Secret}\n}}", _services);
        SignedAsker asker = new(setup.Wire().Chain(new FuncHandler(q => q.Reply(DnsResponseCode.NoError))), _services.Time, longName, algorithm: "hmac-sha512");
        byte[] reply = asker.Ask(longName, DnsRecordType.A, dnssecOk: true);
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
        Assert.True(reply.Length > 512);
    }

    [Fact]
    public void Rfc8945_5_5_AD_of_an_answer_that_is_not_ours_is_cleared_before_it_is_signed()
    {
        foreach ((DnsResponseFlags flags, bool stays) in new[] { (DnsResponseFlags.AuthenticData, false), (DnsResponseFlags.AuthenticData | DnsResponseFlags.Authoritative, true) })
        {
            ScriptedAnswer script = new ScriptedAnswer { Flags = flags }.Answer("test.example. 300 IN A 192.0.2.1");
            SignedAsker asker = new(Chain(Tsig(""), script), _services.Time);
            Assert.Equal(stays, Header(asker.Ask("test.example.", DnsRecordType.A)).AuthenticData);
            Assert.True(Header(asker.Ask("test.example.", DnsRecordType.A, isSigned: false)).AuthenticData);
        }
    }

    [Fact]
    public void Encoding_a_reply_twice_signs_it_the_same_and_the_messages_after_it_go_on()
    {
        SignedAsker asker = Asker(Tsig(""));
        byte[] reply = asker.Ask("test.example.", DnsRecordType.AXFR, transport: DnsTransport.Tcp);
        DnsQuery query = asker.Harness.Query;
        Assert.Equal(reply, query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query)).ToArray());
        Assert.Equal(TsigStatus.Good, asker.Requester.Verify(reply));
        for (int i = 0; i < 3; i++)
        {
            query.Tsig!.Advance();
            query.Response.Clear();
            query.Response.AddSynthesized(DnsSection.Answer, query.AskedName, DnsRecordType.A, DnsRecordClass.IN, 300, [192, 0, 2, (byte)i]);
            Assert.Equal(TsigStatus.Good, asker.Requester.Verify(query.SendBuffer.AsSpan(0, ResponseEncoder.Encode(query))));
        }
    }

    [Fact]
    public void A_query_object_forgets_the_signature_of_the_query_before()
    {
        SignedAsker asker = Asker(Tsig(""));
        Assert.True(SignedAsker.IsSigned(asker.Ask("test.example.", DnsRecordType.A)));
        Assert.False(SignedAsker.IsSigned(asker.Ask("test.example.", DnsRecordType.A, isSigned: false)));
        Assert.Null(asker.Harness.Query.Tsig);
    }

    [Theory]
    [InlineData("hmac-sha1")]
    [InlineData("hmac-sha224")]
    [InlineData("hmac-sha256")]
    [InlineData("hmac-sha512")]
    public void Nothing_is_allocated(string algorithm)
    {
        SignedAsker asker = Asker(Tsig("require all"), algorithm: algorithm);
        int length = asker.Begin("test.example.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            asker.Harness.BeginAgain(length);
            asker.Harness.Run();
        });
        Assert.Equal(TsigStatus.Good, asker.Harness.Query.Tsig!.Status);
    }

    [Fact]
    public async Task The_keys_of_all_blocks_count_and_a_blocks_own_first()
    {
        await using PluginHarness harness = PluginHarness.Corefile($$"""
            a.example:0 {
                tsig {
                    secret a.key {{SignedAsker.Secret}}
                    secret same.key {{SignedAsker.Secret}}
                }
                whoami
            }
            b.example:0 {
                tsig {
                    secret b.key {{OtherSecret}}
                    secret same.key {{OtherSecret}}
                }
                whoami
            }
            """);
        Assert.True(harness.IsAccepted, harness.Errors);
        foreach ((string key, string secret, string name, TsigStatus status) in new[]
        {
            ("a.key.", SignedAsker.Secret, "x.a.example.", TsigStatus.Good),
            ("a.key.", SignedAsker.Secret, "x.b.example.", TsigStatus.Good),
            ("b.key.", OtherSecret, "x.a.example.", TsigStatus.Good),
            ("same.key.", SignedAsker.Secret, "x.a.example.", TsigStatus.Good),
            ("same.key.", OtherSecret, "x.b.example.", TsigStatus.Good),
            ("same.key.", SignedAsker.Secret, "x.b.example.", TsigStatus.PeerError),
        })
        {
            SignedAsker asker = new(harness.Chain.Handler, harness.Time, key, secret);
            Assert.Equal(status, asker.Requester.Verify(asker.Ask(name, DnsRecordType.A)));
        }
    }

    private static string Tsig(string rule) => $"tsig {{\n secret {SignedAsker.KeyName} {SignedAsker.Secret}\n {rule}\n}}";

    private static DnsHeader Header(byte[] message)
    {
        Assert.True(DnsHeader.TryRead(message, out DnsHeader header));
        return header;
    }

    private static TsigRecord Read(byte[] message)
    {
        Assert.True(TsigRecord.TryLocate(message, out int offset));
        Assert.True(TsigRecord.TryRead(message, offset, new byte[TsigRecord.NamesLength], out TsigRecord record));
        return record;
    }

    private IDnsHandler Chain(string lines, IDnsHandler? next = null)
    {
        SnippetSetup setup = SnippetSetup.Run(new TsigPlugin(), lines, _services);
        Assert.Empty(setup.Errors);
        return setup.Wire().Chain(next ?? new FuncHandler(q => q.Reply(DnsResponseCode.NoError)));
    }

    private SignedAsker Asker(string lines, string key = SignedAsker.KeyName, string secret = SignedAsker.Secret, string algorithm = "hmac-sha256") =>
        new(Chain(lines), _services.Time, key, secret, algorithm);
}
