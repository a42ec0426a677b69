using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

[Collection(ClientCollection.Name)]
public sealed class HostAndNslookupTests(ClientServer server)
{
    [Fact]
    public async Task Host_shows_all_addresses_of_a_name()
    {
        ToolResult result = (await HostAsync("db.mycompany.com")).Succeeded();
        Assert.Contains("db.mycompany.com has address 192.168.1.11", result.Lines);
        Assert.Contains("db.mycompany.com has IPv6 address fd00::11", result.Lines);
    }

    [Fact]
    public async Task Host_follows_a_short_name()
    {
        ToolResult result = (await HostAsync("web")).Succeeded();
        Assert.Contains("web is an alias for web.mycompany.com.", result.Lines);
        Assert.Contains("web.mycompany.com has address 192.168.1.10", result.Lines);
    }

    [Fact]
    public async Task Host_over_tcp() =>
        Assert.Contains("web.mycompany.com has address 192.168.1.10", (await HostAsync("-T", "web.mycompany.com")).Succeeded().Lines);

    [Fact]
    public async Task Host_finds_the_name_of_an_address()
    {
        ToolResult result = (await HostAsync("192.168.1.11")).Succeeded();
        Assert.Contains("11.1.168.192.in-addr.arpa domain name pointer db.mycompany.com.", result.Lines);
    }

    [Fact]
    public async Task Host_asks_the_version()
    {
        ToolResult result = (await HostAsync("-c", "CH", "-t", "TXT", "version.bind")).Succeeded();
        Assert.Contains("version.bind descriptive text \"Resolver-7\"", result.Lines);
    }

    [Fact]
    public async Task Nslookup_shows_all_addresses_of_a_name()
    {
        ToolResult result = (await NslookupAsync("db.mycompany.com")).Succeeded();
        Assert.Contains("Name:\tdb.mycompany.com", result.Lines);
        Assert.Contains("Address: 192.168.1.11", result.Lines);
        Assert.Contains("Address: fd00::11", result.Lines);
    }

    [Fact]
    public async Task Nslookup_follows_a_short_name()
    {
        ToolResult result = (await NslookupAsync("web")).Succeeded();
        Assert.Contains("web\tcanonical name = web.mycompany.com.", result.Lines);
        Assert.Contains("Address: 192.168.1.10", result.Lines);
    }

    [Fact]
    public async Task Nslookup_finds_the_name_of_an_address()
    {
        ToolResult result = (await NslookupAsync("192.168.1.11")).Succeeded();
        Assert.Contains("11.1.168.192.in-addr.arpa\tname = db.mycompany.com.", result.Lines);
    }

    [Fact]
    public async Task Nslookup_over_tcp() => Assert.Contains("Address: 192.168.1.10", (await NslookupAsync("-vc", "web.mycompany.com")).Succeeded().Lines);

    [Fact]
    public async Task Nslookup_says_that_the_server_failed()
    {
        ToolResult result = await NslookupAsync("nothing.example.org");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("** server can't find nothing.example.org: SERVFAIL", result.Lines);
    }

    private Task<ToolResult> HostAsync(params string[] arguments) => Tool.RunAsync("host", ["-p", server.Port, "-R", "1", .. arguments, "127.0.0.1"]);

    private Task<ToolResult> NslookupAsync(params string[] arguments) => Tool.RunAsync("nslookup", [$"-port={server.Port}", .. arguments, "127.0.0.1"]);
}
