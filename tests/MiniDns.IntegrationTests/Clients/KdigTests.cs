using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

[Collection(ClientCollection.Name)]
public sealed class KdigTests(ClientServer server)
{
    [Theory]
    [InlineData("+notcp")]
    [InlineData("+tcp")]
    public async Task A_name_of_the_hosts_list(string transport)
    {
        DigReply reply = await KdigAsync(transport, "web.mycompany.com", "A");
        Assert.Equal("NOERROR", reply.Code);
        Assert.Equal(["A 192.168.1.10"], reply.AnswerData);
    }

    [Fact]
    public async Task Several_queries_over_one_connection()
    {
        ToolResult result = (await Tool.RunAsync("kdig", "@127.0.0.1", "-p", server.Port, "+tcp", "+keepopen", "+short", "-q", "web.mycompany.com", "-q", "db.mycompany.com", "-q", "web")).Succeeded();
        Assert.Equal(["192.168.1.10", "192.168.1.11", "web.mycompany.com.", "192.168.1.10"], result.Lines);
    }

    [Fact]
    public async Task Reverse_lookup() => Assert.Equal(["PTR db.mycompany.com."], (await KdigAsync("-x", "192.168.1.11")).AnswerData);

    [Fact]
    public async Task The_name_server_identifier_on_request() =>
        Assert.Matches(@";; NSID: .*""rack 7""", (await KdigAsync("+nsid", "web.mycompany.com")).Text);

    [Fact]
    public async Task Client_subnet_is_understood() =>
        Assert.Equal(["A 192.168.1.10"], (await KdigAsync("+subnet=2001:db8::/32", "web.mycompany.com")).AnswerData);

    [Fact]
    public async Task Padding_is_understood() =>
        Assert.Equal(["A 192.168.1.10"], (await KdigAsync("+padding=128", "web.mycompany.com")).AnswerData);

    [Fact]
    public async Task Truncation_makes_it_ask_over_tcp()
    {
        Assert.Contains("tc", (await KdigAsync("+ignore", "many.mycompany.com")).Flags);
        Assert.Equal(ClientServer.ManyAddresses, (await KdigAsync("many.mycompany.com")).Answer.Count);
    }

    private async Task<DigReply> KdigAsync(params string[] arguments) =>
        DigReply.Parse(await Tool.RunAsync("kdig", ["@127.0.0.1", "-p", server.Port, "+retry=0", .. arguments]));
}
