using MiniDns.Plugins.Log;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Log;

public sealed class ReplyKindsTests
{
    private static readonly byte[] Address = [192, 0, 2, 1];

    [Theory]
    [InlineData("answer", DnsResponseCode.NoError, "NoError", "Success")]
    [InlineData("", DnsResponseCode.NoError, "NoError", "Success")]
    [InlineData("ns", DnsResponseCode.NoError, "Delegation", "Success")]
    [InlineData("soa", DnsResponseCode.NoError, "NoData", "Denial")]
    [InlineData("ns soa", DnsResponseCode.NoError, "NoData", "Denial")]
    [InlineData("answer soa", DnsResponseCode.NoError, "NoError", "Success")]
    [InlineData("soa", DnsResponseCode.NameError, "NameError", "Denial")]
    [InlineData("", DnsResponseCode.NameError, "NameError", "Denial")]
    [InlineData("answer", DnsResponseCode.NameError, "OtherError", "Error")]
    [InlineData("", DnsResponseCode.ServerFailure, "ServerError", "Error")]
    [InlineData("", DnsResponseCode.NotImplemented, "ServerError", "Error")]
    [InlineData("", DnsResponseCode.Refused, "OtherError", "Error")]
    public void A_reply_is_classed_by_code_and_records_in_either_form(string records, DnsResponseCode code, string kind, string @class)
    {
        foreach (bool isWire in (bool[])[false, true])
        {
            ChainHarness harness = new(new FuncHandler(q => Reply(q, records, code)));
            byte[] message = harness.Ask("example.org.", DnsRecordType.A, transport: DnsTransport.Tcp).ToArray();
            if (isWire)
            {
                Assert.True(harness.Query.Response.SetWire(message));
                Assert.Equal(ResponseForm.Wire, harness.Query.Response.Form);
            }

            ReplyKind found = ReplyKinds.Of(harness.Query, DnsOutcome.Replied);
            Assert.Equal((kind, @class), (found.ToString(), ReplyKinds.ClassOf(found).ToString()));
        }
    }

    [Fact]
    public void Transfers_and_silence_are_no_success()
    {
        ChainHarness harness = new(new FuncHandler(q => Reply(q, "answer", DnsResponseCode.NoError)));
        harness.Ask("example.org.", DnsRecordType.AXFR, transport: DnsTransport.Tcp);
        Assert.Equal(ReplyKind.Meta, ReplyKinds.Of(harness.Query, DnsOutcome.Replied));
        Assert.Equal(ReplyKind.OtherError, ReplyKinds.Of(harness.Query, DnsOutcome.Dropped));
        Assert.Equal(ReplyKind.ServerError, ReplyKinds.Of(harness.Query, DnsOutcome.Unclaimed));
        Assert.Equal(LogClasses.Error, ReplyKinds.ClassOf(ReplyKind.Meta));
    }

    private static DnsOutcome Reply(DnsQuery query, string records, DnsResponseCode code)
    {
        query.Reply(code);
        DnsName root = DnsName.Root;
        if (records.Contains("answer", StringComparison.Ordinal))
        {
            query.Response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.A, DnsRecordClass.IN, 60, Address);
        }

        if (records.Contains("ns", StringComparison.Ordinal))
        {
            query.Response.AddSynthesized(DnsSection.Authority, root.View, DnsRecordType.NS, DnsRecordClass.IN, 60, root.Wire);
        }

        if (records.Contains("soa", StringComparison.Ordinal))
        {
            query.Response.AddSynthesized(DnsSection.Authority, root.View, DnsRecordType.SOA, DnsRecordClass.IN, 60, new byte[22]);
        }

        return DnsOutcome.Replied;
    }
}
