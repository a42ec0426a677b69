using MiniDns.Plugins.Cache;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Cache;

public class ResponseTraitsTests
{
    private const uint Now = 1_700_000_000;

    [Fact]
    public void Rfc2308_2_1_NameErrorNeedsASoa()
    {
        Assert.Equal(new ResponseTraits(ResponseKind.NameError, false, 60), Look(q => FakeSource.Deny(q, DnsResponseCode.NameError, 300, 60)));
        Assert.Equal(ResponseKind.NotKept, Look(q => q.Response.Code = DnsResponseCode.NameError).Kind);
    }

    [Fact]
    public void Rfc2308_2_1_NameErrorAtTheEndOfAnAlias()
    {
        ResponseTraits traits = Look(q =>
        {
            FakeSource.AddCname(q, "a.example.", "none.example.", 30);
            FakeSource.Deny(q, DnsResponseCode.NameError, 300, 60);
        });
        Assert.Equal(new ResponseTraits(ResponseKind.NameError, false, 30), traits);
    }

    [Fact]
    public void Rfc2308_2_2_NoDataNeedsASoa()
    {
        Assert.Equal(new ResponseTraits(ResponseKind.NoData, false, 60), Look(q => FakeSource.Deny(q, DnsResponseCode.NoError, 300, 60)));

        // Without one it denies nothing; it is kept as what it is, for a moment.
        Assert.Equal(new ResponseTraits(ResponseKind.Positive, false, ResponseTraits.DefaultTtl), Look(_ => { }));
    }

    [Fact]
    public void Rfc2308_2_2_NoDataAtTheEndOfAnAlias()
    {
        Assert.Equal(new ResponseTraits(ResponseKind.NoData, false, 60), Look(q =>
        {
            FakeSource.AddCname(q, "a.example.", "b.example.");
            FakeSource.AddSoa(q, 300, 60);
        }));
        Assert.Equal(ResponseKind.NotKept, Look(q => FakeSource.AddCname(q, "a.example.", "b.example.")).Kind);
    }

    [Fact]
    public void Rfc2308_2_2_Referral() =>
        Assert.Equal(
            new ResponseTraits(ResponseKind.Referral, false, 5),
            Look(q => FakeSource.Add(q, DnsSection.Authority, "example.", DnsRecordType.NS, 300, DnsName.Parse("ns.example.").Wire)));

    [Fact]
    public void Rfc1034_3_6_2_AliasesAreFollowedInAnyOrder()
    {
        Assert.True(Look(q =>
        {
            Address(q, "c.example.");
            FakeSource.AddCname(q, "B.example.", "c.Example.");
            FakeSource.AddCname(q, "A.EXAMPLE.", "b.example.");
        }).AnswersQuestion);
        Assert.Equal(ResponseKind.NotKept, Look(q =>
        {
            FakeSource.AddCname(q, "a.example.", "b.example.");
            Address(q, "c.example.");
        }).Kind);
        Assert.Equal(ResponseKind.NotKept, Look(q => Address(q, "other.example.")).Kind);
    }

    [Fact]
    public void Rfc1034_3_6_2_LoopIsNoAnswer() => Assert.Equal(ResponseKind.NotKept, Look(q =>
    {
        FakeSource.AddCname(q, "a.example.", "b.example.");
        FakeSource.AddCname(q, "b.example.", "a.example.");
        Address(q, "c.example.");
    }).Kind);

    [Fact]
    public void Rfc2181_10_1_TwoTargetsAreNoAnswer() => Assert.Equal(ResponseKind.NotKept, Look(q =>
    {
        FakeSource.AddCname(q, "a.example.", "b.example.");
        FakeSource.AddCname(q, "a.example.", "c.example.");
        Address(q, "b.example.");
        Address(q, "c.example.");
    }).Kind);

    [Fact]
    public void AliasIsTheAnswerToAQuestionForIt()
    {
        Assert.True(Look(q => FakeSource.AddCname(q, "a.example.", "b.example."), DnsRecordType.CNAME).AnswersQuestion);
        Assert.True(Look(q => FakeSource.AddCname(q, "a.example.", "b.example."), DnsRecordType.ANY).AnswersQuestion);
        Assert.False(Look(q => FakeSource.AddCname(q, "b.example.", "c.example."), DnsRecordType.ANY).AnswersQuestion);
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(-1, 0, true)]
    [InlineData(-10, -1, false)]
    [InlineData(1, 10, false)]
    public void Rfc4034_3_1_5_SignatureOutOfForceIsNotKept(int inception, int expiration, bool isKept)
    {
        byte[] rdata = new byte[40];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(rdata.AsSpan(8), (uint)(Now + expiration));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(rdata.AsSpan(12), (uint)(Now + inception));
        Assert.Equal(isKept, Look(Signed, dnssecOk: true).Kind == ResponseKind.Positive);
        Assert.Equal(ResponseKind.Positive, Look(Signed, dnssecOk: false).Kind);

        void Signed(DnsQuery query)
        {
            FakeSource.Address(query, 300);
            FakeSource.Add(query, DnsSection.Answer, "a.example.", DnsRecordType.RRSIG, 300, rdata);
        }
    }

    [Fact]
    public void MutatedMessagesNeverThrow()
    {
        byte[] message = Message(
            q =>
            {
                FakeSource.AddCname(q, "a.example.", "b.example.");
                Address(q, "b.example.");
                FakeSource.AddSoa(q, 300, 60);
            },
            DnsRecordType.A,
            dnssecOk: true);
        var random = new Random(7);
        for (int i = 0; i < 200_000; i++)
        {
            byte[] mutated = [.. message];
            for (int n = random.Next(1, 5); n > 0; n--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            ReadOnlySpan<byte> cut = mutated.AsSpan(0, random.Next(8) == 0 ? random.Next(mutated.Length) : mutated.Length);
            ResponseTraits.Of(cut, CacheKey.SelectorOf(DnsRecordType.A, DnsRecordClass.IN, true, false), Now);
            WireImage.TryCreate(cut, out _);
        }
    }

    private static void Address(DnsQuery query, string owner) => FakeSource.Add(query, DnsSection.Answer, owner, DnsRecordType.A, 300, [192, 0, 2, 1]);

    private static ResponseTraits Look(Action<DnsQuery> answer, DnsRecordType type = DnsRecordType.A, bool dnssecOk = false) =>
        ResponseTraits.Of(Message(answer, type, dnssecOk), CacheKey.SelectorOf(type, DnsRecordClass.IN, dnssecOk, false), Now);

    private static byte[] Message(Action<DnsQuery> answer, DnsRecordType type, bool dnssecOk)
    {
        var chain = new ChainHarness(MiniDns.Plugins.EndOfChain.Instance);
        chain.Begin("a.example.", type, dnssecOk);
        answer(chain.Query);
        byte[] message = new byte[4096];
        Assert.True(ResponseEncoder.TryEncodeForKeeping(chain.Query, message, out int length));
        return message[..length];
    }
}
