using System.Net;
using MiniDns.Plugins.Hosts;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.View;
using MiniDns.Plugins.Whoami;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.View;

public sealed class ViewPluginTests
{
    private const string Split = """
        example.org:0 {
            view inside {
                expr incidr(client_ip(), '10.0.0.0/8')
                expr type() == 'A'
            }
            hosts {
                10.0.0.1 www.example.org
            }
        }
        example.org:0 {
            view abc {
                expr name() matches '^abc\\..*\\.example\\.org\\.$'
            }
            hosts {
                192.0.2.2 abc.x.example.org
            }
        }
        example.org:0 {
            hosts {
                192.0.2.1 www.example.org
                192.0.2.1 abc.x.example.org
            }
        }
        """;

    [Theory]
    [InlineData("view example {\n expr name() == 'example.com.'\n}", true)]
    [InlineData("view example {\n expr incidr(client_ip(), '10.0.0.0/24')\n}", true)]
    [InlineData("view example {\n expr name() == 'a.'\n expr name() == 'b.'\n}", true)]
    [InlineData("view example", true)]
    [InlineData("view example {\n expr 1\n}", true)]
    [InlineData("view", false)]
    [InlineData("view a b {\n expr true\n}", false)]
    [InlineData("view example {\n expr\n}", false)]
    [InlineData("view example {\n expr invalid expression\n}", false)]
    [InlineData("view x {\n foo bar\n}", false)]
    [InlineData("view a {\n expr true\n}\n view b {\n expr true\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new ViewPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void What_is_wrong_is_said_with_its_place()
    {
        SnippetSetup setup = SnippetSetup.Run(new ViewPlugin(), "view v {\n expr type() == 'A'  &&  nam() == 'x'\n expr   name() == 5\n expr 'a\n expr 1\n}");
        Assert.Equal(
            [
                "Corefile:3:26: view: expr: there is no function 'nam'; did you mean 'name'?",
                "Corefile:4:16: view: expr: '==' does not fit string and int",
                "Corefile:5:7: view: expr: this text is never closed; ' is expected",
            ],
            setup.Errors);
        Assert.Equal(["Corefile:6:7: view: expr: is neither true nor false, so the block never takes a query"], setup.Warnings);
    }

    [Theory]
    [InlineData("10.1.2.3", "www.example.org.", DnsRecordType.A, "10.0.0.1")]
    [InlineData("192.0.2.9", "www.example.org.", DnsRecordType.A, "192.0.2.1")]
    [InlineData("192.0.2.9", "ABC.x.example.org.", DnsRecordType.A, "192.0.2.2")]
    [InlineData("192.0.2.9", "abc.example.org.", DnsRecordType.A, null)]
    [InlineData("10.1.2.3", "www.example.org.", DnsRecordType.AAAA, null)]
    public async Task The_first_block_whose_view_takes_the_query_answers_it(string client, string name, DnsRecordType type, string? expected)
    {
        await using PluginHarness harness = PluginHarness.Corefile(Split, plugins: [new HostsPlugin(), new ViewPlugin()]);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4000);
        Reply reply = new(harness.Chain.Ask(name, type));
        Assert.Equal(expected, reply.Answer.Select(r => r.Split(' ')[^1]).SingleOrDefault());
    }

    [Fact]
    public async Task A_query_that_no_view_takes_goes_to_the_shorter_zone_or_is_refused()
    {
        const string Views = ".:0 {\n view a {\n expr type() == 'A'\n }\n whoami\n}\nexample.org:0 {\n view b {\n expr type() == 'AAAA'\n }\n hosts {\n 192.0.2.1 www.example.org\n }\n}";
        await using PluginHarness harness = PluginHarness.Corefile(Views, plugins: [new HostsPlugin(), new WhoamiPlugin(), new ViewPlugin()]);
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.NotEmpty(new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.A)).Additional);
        Assert.Equal(DnsResponseCode.Refused, new Reply(harness.Chain.Ask("www.example.org.", DnsRecordType.TXT)).Code);
    }
}
