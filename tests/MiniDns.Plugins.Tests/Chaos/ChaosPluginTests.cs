using System.Text;
using MiniDns.Plugins.Chaos;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Chaos;

public sealed class ChaosPluginTests
{
    [Theory]
    [InlineData("chaos", true)]
    [InlineData("chaos v2", true)]
    [InlineData("chaos v3 \"Miek Gieben\"", true)]
    [InlineData("chaos v2 {\n unknown\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new ChaosPlugin(), lines).Errors.Count == 0);

    [Theory]
    [InlineData("chaos Tiny-001 \"Jane Doe\"", "version.bind.", "Tiny-001")]
    [InlineData("chaos Tiny-001 \"Jane Doe\"", "VERSION.server.", "Tiny-001")]
    [InlineData("chaos Tiny-001 \"Jane Doe\"", "authors.bind.", "Jane Doe")]
    [InlineData("chaos", "version.bind.", "MiniDns-9.8.7")]
    [InlineData("chaos", "hostname.bind.", "host-7")]
    [InlineData("chaos", "id.server.", "host-7")]
    [InlineData("chaos Tiny", "authors.bind.", "The MiniDns authors")]
    public void Rfc4892_the_server_tells_about_itself(string lines, string name, string text)
    {
        Reply reply = new(SnippetSetup.Run(new ChaosPlugin(), lines).Harness().Ask(name, DnsRecordType.TXT, @class: DnsRecordClass.CH));
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.Equal([$"{name} 0 CH TXT \"{text}\""], reply.Answer);
    }

    [Fact]
    public void Authors_are_named_once_each_and_take_turns_at_the_head()
    {
        ChainHarness harness = SnippetSetup.Run(new ChaosPlugin(), "chaos v b a c a").Harness();
        HashSet<string> first = [];
        for (int i = 0; i < 500; i++)
        {
            Reply reply = new(harness.Ask("authors.bind.", DnsRecordType.TXT, @class: DnsRecordClass.CH));
            Assert.Equal(["\"a\"", "\"b\"", "\"c\""], reply.Answer.Select(a => a.Split(' ')[^1]).Order(StringComparer.Ordinal));
            first.Add(reply.Answer[0]);
        }

        Assert.Equal(3, first.Count);
    }

    [Theory]
    [InlineData("version.bind.", DnsRecordType.A, DnsRecordClass.CH)]
    [InlineData("version.bind.", DnsRecordType.TXT, DnsRecordClass.IN)]
    [InlineData("example.org.", DnsRecordType.TXT, DnsRecordClass.CH)]
    public void Everything_else_is_passed_on(string name, DnsRecordType type, DnsRecordClass @class)
    {
        ChainHarness harness = SnippetSetup.Run(new ChaosPlugin(), "chaos").Harness();
        harness.Ask(name, type, @class: @class);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Outcome);
    }

    [Theory]
    [InlineData(254, 'x', 254)]
    [InlineData(255, 'x', 255)]
    [InlineData(256, 'x', 255)]
    [InlineData(200, '\u00E9', 254)]
    public void A_string_of_a_TXT_record_holds_255_octets(int characters, char character, int octets)
    {
        byte[] rdata = ChaosOptions.ToRdata(new string(character, characters));
        Assert.Equal(octets, rdata[0]);
        Assert.Equal(octets + 1, rdata.Length);
        Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(rdata, 1, octets));
    }

    [Theory]
    [InlineData("version.bind.")]
    [InlineData("authors.bind.")]
    public void Nothing_is_allocated(string name)
    {
        ChainHarness harness = SnippetSetup.Run(new ChaosPlugin(), "chaos v a b c").Harness();
        int length = harness.Begin(name, DnsRecordType.TXT, @class: DnsRecordClass.CH);
        AllocationAssert.None(() =>
        {
            harness.Query.Begin(length, DnsTransport.Udp);
            harness.Run();
        });
    }
}
