using MiniDns.Plugins.Bufsize;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Bufsize;

public sealed class BufsizePluginTests
{
    [Theory]
    [InlineData("bufsize 5000", "2:9: bufsize: '5000' is not a whole number from 512 to 4096")]
    [InlineData("bufsize 511", "2:9: bufsize: '511' is not a whole number from 512 to 4096")]
    [InlineData("bufsize \"512 512\"", "2:9: bufsize: '512 512' is not a whole number from 512 to 4096")]
    [InlineData("bufsize 512 512", "2:13: bufsize: '512' is one argument too many")]
    [InlineData("bufsize {\n}", "2:1: bufsize: takes no block in braces")]
    public void What_is_wrong_is_said(string lines, string error) =>
        Assert.Equal(["Corefile:" + error], SnippetSetup.Run(new BufsizePlugin(), lines).Errors);

    [Theory]
    [InlineData("bufsize", 4096, 1232)]
    [InlineData("bufsize 1100", 4096, 1100)]
    [InlineData("bufsize 4096", 4096, 4096)]
    [InlineData("bufsize 1100", 800, 800)]
    [InlineData("bufsize 1100", 0, 512)]
    public void A_reply_over_UDP_is_no_larger_than_both_allow(string lines, int asked, int limit)
    {
        SnippetSetup setup = SnippetSetup.Run(new BufsizePlugin(), lines);
        Assert.Empty(setup.Errors);
        int seen = 0;
        IDnsHandler handler = setup.Chain(new FuncHandler(query =>
        {
            seen = query.MaxReplySize;
            return query.Refuse();
        }));
        var query = new DnsQuery(512, 4096);
        int length = query.WriteQuestion(DnsName.Parse("example.org.").View, DnsRecordType.A, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: asked > 0);
        query.ReceiveBuffer[length - 8] = (byte)(asked >> 8);
        query.ReceiveBuffer[length - 7] = (byte)asked;
        if (asked == 0)
        {
            length = query.WriteQuestion(DnsName.Parse("example.org.").View, DnsRecordType.A, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: false);
        }

        Assert.Equal(QueryVerdict.Accept, query.Begin(length, DnsTransport.Udp));
        Assert.True(handler.HandleAsync(query).IsCompletedSuccessfully);
        Assert.Equal(limit, seen);
        query.Begin(length, DnsTransport.Tcp);
        Assert.True(handler.HandleAsync(query).IsCompletedSuccessfully);
        Assert.Equal(DnsQuery.MaxMessageSize, seen);
    }
}
