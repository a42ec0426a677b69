using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

[Collection(ClientCollection.Name)]
public sealed class DigTests(ClientServer server)
{
    [Fact]
    public async Task A_name_of_the_hosts_list()
    {
        DigReply reply = await DigAsync("web.mycompany.com");
        Assert.Equal("NOERROR", reply.Code);
        Assert.Equal(["web.mycompany.com. 120 IN A 192.168.1.10"], reply.Answer);
        Assert.Contains("qr", reply.Flags);
        Assert.Contains("aa", reply.Flags);
        Assert.Contains("rd", reply.Flags);
    }

    [Fact]
    public async Task Both_address_families()
    {
        Assert.Equal(["A 192.168.1.11"], (await DigAsync("db.mycompany.com", "A")).AnswerData);
        Assert.Equal(["AAAA fd00::11"], (await DigAsync("db.mycompany.com", "AAAA")).AnswerData);
        DigReply none = await DigAsync("web.mycompany.com", "AAAA");
        Assert.Equal("NOERROR", none.Code);
        Assert.Empty(none.Answer);
    }

    [Theory]
    [InlineData("+notcp")]
    [InlineData("+tcp")]
    public async Task Rfc7873_the_cookie_of_the_server_is_good(string transport)
    {
        DigReply first = await DigAsync("+cookie", transport, "web.mycompany.com");
        string line = first.Text.Split('\n').Single(l => l.StartsWith("; COOKIE: ", StringComparison.Ordinal)).TrimEnd();
        Assert.EndsWith(" (good)", line, StringComparison.Ordinal);
        string cookie = line.Split(' ')[2];
        Assert.Equal(48, cookie.Length);
        Assert.Contains(" (good)", (await DigAsync("+cookie=" + cookie, transport, "no.such.name")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Short_names_are_completed_by_the_server()
    {
        DigReply reply = await DigAsync("web");
        Assert.Equal(["CNAME web.mycompany.com.", "A 192.168.1.10"], reply.AnswerData);
        Assert.StartsWith("web. ", reply.Answer[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_tcp()
    {
        DigReply reply = await DigAsync("+tcp", "db.mycompany.com");
        Assert.Equal(["A 192.168.1.11"], reply.AnswerData);
        Assert.Contains("(TCP)", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_queries_over_one_tcp_connection()
    {
        ToolResult result = (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tcp", "+keepopen", "+short", "web.mycompany.com", "db.mycompany.com", "db.mycompany.com", "AAAA")).Succeeded();
        Assert.Equal(["192.168.1.10", "192.168.1.11", "fd00::11"], result.Lines);
    }

    [Theory]
    [InlineData("192.168.1.11", "PTR db.mycompany.com.")]
    [InlineData("fd00::11", "PTR db.mycompany.com.")]
    [InlineData("127.0.0.1", "PTR localhost.")]
    public async Task Reverse_lookup(string address, string expected) =>
        Assert.Equal([expected], (await DigAsync("-x", address)).AnswerData);

    [Fact]
    public async Task Client_subnet_is_understood_and_not_echoed()
    {
        DigReply reply = await DigAsync("+subnet=192.0.2.0/24", "web.mycompany.com");
        Assert.Equal(["A 192.168.1.10"], reply.AnswerData);
        Assert.DoesNotContain("CLIENT-SUBNET", reply.Text, StringComparison.Ordinal);
        Assert.Contains("OPT PSEUDOSECTION", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_name_server_identifier_on_request()
    {
        Assert.Contains("; NSID: 72 61 63 6b 20 37 (\"rack 7\")", (await DigAsync("+nsid", "web.mycompany.com")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("NSID", (await DigAsync("+nonsid", "web.mycompany.com")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version.bind", "TXT \"Resolver-7\"")]
    [InlineData("authors.bind", "TXT \"Jane Doe\"")]
    public async Task Class_chaos(string name, string expected)
    {
        DigReply reply = await DigAsync("CH", "TXT", name);
        Assert.Equal([expected], reply.AnswerData);
        Assert.Equal($"{name}. 0 CH {expected}", reply.Answer[0]);
    }

    [Fact]
    public async Task The_question_keeps_its_case()
    {
        DigReply reply = await DigAsync("wEb.MyCompany.COM");
        Assert.Contains(";wEb.MyCompany.COM.", reply.Text, StringComparison.Ordinal);
        Assert.Equal(["A 192.168.1.10"], reply.AnswerData);
    }

    [Fact]
    public async Task Without_EDNS_there_is_no_OPT_in_the_reply()
    {
        DigReply reply = await DigAsync("+noedns", "web.mycompany.com");
        Assert.Equal(["A 192.168.1.10"], reply.AnswerData);
        Assert.DoesNotContain("OPT PSEUDOSECTION", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DO_is_copied()
    {
        Assert.Matches(@"; EDNS: version: 0, flags: do;", (await DigAsync("+dnssec", "web.mycompany.com")).Text);
        Assert.Matches(@"; EDNS: version: 0, flags:;", (await DigAsync("+nodnssec", "web.mycompany.com")).Text);
    }

    [Fact]
    public async Task An_unknown_EDNS_version_is_BADVERS() =>
        Assert.Equal("BADVERS", (await DigAsync("+edns=7", "+noednsnegotiation", "web.mycompany.com")).Code);

    [Fact]
    public async Task An_unknown_EDNS_option_is_ignored()
    {
        DigReply reply = await DigAsync("+ednsopt=65001:cafe", "web.mycompany.com");
        Assert.Equal(["A 192.168.1.10"], reply.AnswerData);
        Assert.DoesNotContain("65001", string.Join('\n', reply.Text.Split('\n').Where(l => l.StartsWith("; OPT", StringComparison.Ordinal))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+noedns", 512)]
    [InlineData("+bufsize=1232", 1232)]
    public async Task What_does_not_fit_is_truncated_and_asked_again_over_tcp(string size, int limit)
    {
        DigReply cut = await DigAsync("+ignore", size, "many.mycompany.com");
        Assert.Contains("tc", cut.Flags);
        int octets = int.Parse(cut.Text.Split("MSG SIZE  rcvd: ")[1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(octets, 12, limit);

        DigReply whole = await DigAsync(size, "many.mycompany.com");
        Assert.DoesNotContain("tc", whole.Flags);
        Assert.Equal(ClientServer.ManyAddresses, whole.Answer.Count);
        Assert.Equal(ClientServer.ManyAddresses, whole.AnswerData.Distinct().Count());
    }

    [Fact]
    public async Task A_name_that_no_block_serves_is_refused()
    {
        ToolResult result = await Tool.RunAsync("dig", "@127.0.0.2", "-p", server.PortOfOnlyExample, "+tries=1", "www.example.org");
        Assert.Equal("REFUSED", DigReply.Parse(result).Code);
    }

    [Fact]
    public async Task Opcodes_other_than_QUERY_are_not_implemented() =>
        Assert.Equal("NOTIMP", (await DigAsync("+opcode=2", "web.mycompany.com")).Code);

    [Fact]
    public async Task A_header_without_a_question_is_a_format_error() =>
        Assert.Equal("FORMERR", (await DigAsync("+header-only")).Code);

    [Theory]
    [InlineData("+tcp")]
    [InlineData("+notcp")]
    public async Task Over_IPv6(string transport)
    {
        ToolResult result = await Tool.RunAsync("dig", "@::1", "-p", server.PortOfIPv6, "+tries=1", transport, "web.mycompany.com");
        Assert.Equal(["A 192.168.1.10"], DigReply.Parse(result).AnswerData);
    }

    private async Task<DigReply> DigAsync(params string[] arguments) =>
        DigReply.Parse(await Tool.RunAsync("dig", ["@127.0.0.1", "-p", server.Port, "+tries=1", .. arguments]));
}
