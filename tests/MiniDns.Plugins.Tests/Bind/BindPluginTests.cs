using System.Net;
using MiniDns.Plugins.Bind;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Bind;

public sealed class BindPluginTests
{
    private static readonly BindInterface[] Interfaces =
    [
        new("lo", [IPAddress.Loopback, IPAddress.IPv6Loopback]),
        new("eth0", [IPAddress.Parse("192.0.2.7"), IPAddress.Parse("fe80::1%3"), IPAddress.Parse("2001:db8::7")]),
        new("bare0", []),
    ];

    [Theory]
    [InlineData("bind 1.2.3.4", "1.2.3.4")]
    [InlineData("bind lo", "127.0.0.1 ::1")]
    [InlineData("bind lo 1.2.3.4", "127.0.0.1 ::1 1.2.3.4")]
    [InlineData("bind eth0", "192.0.2.7 fe80::1%3 2001:db8::7")]
    [InlineData("bind ::1 1.2.3.4 ::5 127.9.9.0", "::1 1.2.3.4 ::5 127.9.9.0")]
    [InlineData("bind 127.0.0.1\nbind ::1", "127.0.0.1 ::1")]
    [InlineData("bind 127.0.0.1 127.0.0.1\nbind lo", "127.0.0.1 ::1")]
    [InlineData("bind lo {\n except 127.0.0.1\n}", "::1")]
    [InlineData("bind lo eth0 {\n except lo fe80::1%3\n}", "192.0.2.7 2001:db8::7")]
    [InlineData("bind lo {\n except 127.0.0.1\n}\nbind 127.0.0.1", "::1 127.0.0.1")]
    [InlineData("bind lo {\n except 192.0.2.200\n}", "127.0.0.1 ::1")]
    public void Addresses_are_collected(string lines, string addresses)
    {
        SnippetSetup setup = Run(lines);
        Assert.Empty(setup.Errors);
        Assert.Equal(addresses.Split(' ').Select(IPAddress.Parse), setup.Endpoint.BindAddresses.Select(b => b.Address));
    }

    [Theory]
    [InlineData("bind", "2:1: bind: an address or the name of an interface is expected; write 'bind ADDRESS|INTERFACE ...'")]
    [InlineData("bind 1.2.3.invalid", "2:6: bind: '1.2.3.invalid' is neither an IP address nor an interface of this machine; known are: lo, eth0, bare0")]
    [InlineData("bind ::1 1.2.3.4 ::5 127.9.9.0 noone", "2:32: bind: 'noone' is neither an IP address nor an interface of this machine; known are: lo, eth0, bare0")]
    [InlineData("bind eth1", "2:6: bind: 'eth1' is neither an IP address nor an interface of this machine; did you mean 'eth0'?")]
    [InlineData("bind bare0", "2:6: bind: the interface 'bare0' has no address")]
    [InlineData("bind 1.2.3", "2:6: bind: '1.2.3' is neither an IP address nor an interface of this machine; known are: lo, eth0, bare0")]
    [InlineData("bind lo {\n except\n}", "3:2: bind: except: an address or the name of an interface is expected; write 'except ADDRESS|INTERFACE ...'")]
    [InlineData("bind lo {\n exept ::1\n}", "3:2: bind: unknown property 'exept'; did you mean 'except'?")]
    [InlineData("bind 127.0.0.1 {\n except lo\n}", "2:1: bind: 'except' takes away every address; leave one to listen on")]
    public void What_is_wrong_is_said(string lines, string error) => Assert.Equal(["Corefile:" + error], Run(lines).Errors);

    [Theory]
    [InlineData("bind lo bare0")]
    [InlineData("bind bare0\nbind lo")]
    public void An_interface_without_addresses_is_waited_for_beside_others(string lines)
    {
        SnippetSetup setup = Run(lines);
        Assert.Empty(setup.Errors);
        Assert.Contains("the interface 'bare0' has no address (yet)", Assert.Single(setup.Warnings), StringComparison.Ordinal);
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], setup.Endpoint.BindAddresses.Select(b => b.Address));
        Assert.Single(setup.Components);
    }

    [Fact]
    public void Addresses_need_no_watch() => Assert.Empty(Run("bind 127.0.0.1 192.0.2.7").Components);

    [Theory]
    [InlineData("eth0=192.0.2.7,fe80::1%3,2001:db8::7 lo=127.0.0.9", 0)]
    [InlineData("eth0=2001:db8::7,192.0.2.7,fe80::1%3", 0)]
    [InlineData("eth0=192.0.2.7", 1)]
    [InlineData("eth0=192.0.2.7,fe80::1%3,2001:db8::8", 1)]
    [InlineData("eth0= bare0=", 0)]
    [InlineData("lo=127.0.0.1", 0)]
    [InlineData("eth0=192.0.2.7,fe80::1%3,2001:db8::7 bare0=192.0.2.9", 1)]
    public void A_change_of_addresses_asks_for_a_reload_once(string now, int reloads)
    {
        int asked = 0;
        var server = new ServerControl();
        server.Attach(_ => asked++, () => 0, () => null, _ => Task.FromResult<IReadOnlyList<string>>([]));
        BindInterface[] then = [.. now.Split(' ').Select(i => i.Split('=')).Select(i => new BindInterface(i[0], [.. i[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)]))];
        var watch = new BindWatch([Interfaces[1], Interfaces[2]], () => then, server);
        watch.Look();
        watch.Look();
        Assert.Equal(reloads, asked);
    }

    [Fact]
    public void An_address_remembers_its_place()
    {
        SnippetSetup setup = Run("bind 127.0.0.1 eth0");
        Assert.Equal(["Corefile:2:6", "Corefile:2:16", "Corefile:2:16", "Corefile:2:16"], setup.Endpoint.BindAddresses.Select(b => b.Span.ToString()));
    }

    [Fact]
    public void This_machine_has_a_loopback_interface()
    {
        BindInterface loopback = Assert.Single(BindInterface.ReadAll(), i => i.Addresses.Contains(IPAddress.Loopback));
        SnippetSetup setup = SnippetSetup.Run(new BindPlugin(), $"bind {loopback.Name}");
        Assert.Empty(setup.Errors);
        Assert.Contains(setup.Endpoint.BindAddresses, b => b.Address.Equals(IPAddress.Loopback));
    }

    private static SnippetSetup Run(string lines) => SnippetSetup.Run(new BindPlugin(() => Interfaces), lines);
}
