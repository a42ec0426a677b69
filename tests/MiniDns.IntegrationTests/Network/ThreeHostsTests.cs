using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Network;

/// <summary>Any program of a machine whose resolv.conf names the server.</summary>
public sealed class ThreeHostsTests(ThreeHosts hosts) : IClassFixture<ThreeHosts>
{
    public static TheoryData<string> ServerAddresses => ["10.77.1.1", "10.77.1.2", "fd77:1::1", "fd77:1::2"];

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task The_system_resolver_resolves_a_short_name(string resolver)
    {
        Assert.Equal(["192.168.1.10"], await AddressesAsync(resolver, "ahostsv4", "web"));
        Assert.Equal(["fd00:1::10"], await AddressesAsync(resolver, "ahostsv6", "web"));
        Assert.Equal(["192.168.1.10", "fd00:1::10"], await AddressesAsync(resolver, "ahosts", "web"));
    }

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task The_second_search_domain_is_tried(string resolver) =>
        Assert.Equal(["192.168.1.20"], await AddressesAsync(resolver, "ahosts", "queue"));

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task A_short_name_is_searched_for_at_the_upstream_too(string resolver) =>
        Assert.Equal(["192.0.2.25"], await AddressesAsync(resolver, "ahosts", "mail"));

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task The_system_resolver_resolves_a_name_of_the_hosts_list(string resolver) =>
        Assert.Equal(["192.168.1.11"], await AddressesAsync(resolver, "ahosts", "db.mycompany.com"));

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task The_system_resolver_resolves_a_forwarded_name(string resolver)
    {
        Assert.Equal(["198.51.100.7", "2001:db8:77::7"], await AddressesAsync(resolver, "ahosts", "www.corp.test"));
        Assert.Equal(["198.51.100.7", "2001:db8:77::7"], await AddressesAsync(resolver, "ahosts", "alias.corp.test"));
        Assert.Equal(["2001:db8:66::6"], await AddressesAsync(resolver, "ahosts", "www.ipv6.test"));
    }

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task The_system_resolver_finds_the_name_of_an_address(string resolver)
    {
        hosts.UseResolver(resolver);
        ToolResult result = (await hosts.Client.RunAsync("getent", "hosts", "192.168.1.11")).Succeeded();
        Assert.Matches(@"^192\.168\.1\.11\s+db\.mycompany\.com$", Assert.Single(result.Lines));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_not_found()
    {
        hosts.UseResolver("10.77.1.1");
        Assert.Equal(2, (await hosts.Client.RunAsync("getent", "ahosts", "missing.corp.test")).ExitCode);
        Assert.Equal("NXDOMAIN", (await DigAsync("10.77.1.1", "missing.corp.test")).Code);
    }

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task Replies_leave_from_the_address_that_was_asked(string address)
    {
        // Both ask from a connected socket, which takes datagrams from the address asked and from no other.
        Assert.Equal(["A 192.168.1.10"], DigReply.Parse(await hosts.Client.RunAsync("kdig", "@" + address, "+retry=0", "web.mycompany.com")).AnswerData);
        Assert.Equal(["A 198.51.100.7"], DigReply.Parse(await hosts.Client.RunAsync("kdig", "@" + address, "+retry=0", "www.corp.test")).AnswerData);
        DigReply reply = await DigAsync(address, "web.mycompany.com");
        Assert.Contains($";; SERVER: {address}#53({address}) (UDP)", reply.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected source", reply.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ServerAddresses))]
    public async Task Over_tcp(string address)
    {
        Assert.Equal(["A 192.168.1.10"], (await DigAsync(address, "+tcp", "web.mycompany.com")).AnswerData);
        Assert.Equal(["A 198.51.100.7"], (await DigAsync(address, "+tcp", "www.corp.test")).AnswerData);
    }

    [Fact]
    public async Task What_is_too_long_for_udp_comes_over_tcp_from_the_upstream_too()
    {
        Assert.Contains("tc", (await DigAsync("10.77.1.1", "+ignore", "+bufsize=1232", "many.corp.test", "TXT")).Flags);
        DigReply whole = await DigAsync("10.77.1.1", "+bufsize=1232", "many.corp.test", "TXT");
        Assert.Equal(4, whole.Answer.Count);
        Assert.Contains("(TCP)", whole.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queries_are_logged_with_the_client_that_asked()
    {
        await DigAsync("fd77:1::2", "logged.corp.test");
        string line = await hosts.Server.LineAsync(l => l.Contains("logged.corp.test", StringComparison.Ordinal));
        Assert.Matches(@"^\[INFO\] \[fd77:1::9\]:\d+ - \d+ ""A IN logged\.corp\.test\. udp \d+ false 1232"" NXDOMAIN qr,", line);
    }

    private async Task<IEnumerable<string>> AddressesAsync(string resolver, string database, string name)
    {
        hosts.UseResolver(resolver);
        ToolResult result = (await hosts.Client.RunAsync("getent", database, name)).Succeeded();

        // One line for each address and kind of socket; the order is glibc's own affair.
        return result.Lines.Select(l => l.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal);
    }

    private async Task<DigReply> DigAsync(string address, params string[] arguments) =>
        DigReply.Parse(await hosts.Client.RunAsync("dig", ["@" + address, "+tries=1", .. arguments]));
}
