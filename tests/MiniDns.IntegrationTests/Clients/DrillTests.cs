using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

[Collection(ClientCollection.Name)]
public sealed class DrillTests(ClientServer server)
{
    [Theory]
    [InlineData("-u")]
    [InlineData("-t")]
    public async Task A_name_of_the_hosts_list(string transport)
    {
        DigReply reply = await DrillAsync(transport, "db.mycompany.com", "@127.0.0.1", "AAAA");
        Assert.Equal("NOERROR", reply.Code);
        Assert.Equal(["AAAA fd00::11"], reply.AnswerData);
        Assert.Contains("aa", reply.Flags);
    }

    [Fact]
    public async Task Reverse_lookup() => Assert.Equal(["PTR db.mycompany.com."], (await DrillAsync("-x", "192.168.1.11", "@127.0.0.1")).AnswerData);

    [Fact]
    public async Task Class_chaos() => Assert.Equal(["TXT \"Resolver-7\""], (await DrillAsync("version.bind", "@127.0.0.1", "CH", "TXT")).AnswerData);

    [Fact]
    public async Task DNSSEC_OK_is_copied() => Assert.Contains("flags: do", (await DrillAsync("-D", "web.mycompany.com", "@127.0.0.1")).Text, StringComparison.Ordinal);

    private async Task<DigReply> DrillAsync(params string[] arguments) =>
        DigReply.Parse(await Tool.RunAsync("drill", ["-p", server.Port, .. arguments]));
}
