using System.Net;
using MiniDns.Plugins.Proxyproto;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Proxyproto;

public sealed class ProxyprotoPluginTests
{
    private const string Open = "Corefile:2:1: proxyproto: takes headers from everybody, so whoever reaches the port can claim any address; 'allow NETWORK...' names the proxies";

    [Theory]
    [InlineData("proxyproto", ProxyHeaderPolicy.Use, ProxyHeaderPolicy.Use)]
    [InlineData("proxyproto {\nallow\n}", ProxyHeaderPolicy.Use, ProxyHeaderPolicy.Use)]
    [InlineData("proxyproto {\ndefault skip\n}", ProxyHeaderPolicy.Skip, ProxyHeaderPolicy.Skip)]
    [InlineData("proxyproto {\nallow 127.0.0.1/8 ::1/128\n}", ProxyHeaderPolicy.Use, ProxyHeaderPolicy.Ignore)]
    [InlineData("proxyproto {\nallow 10.0.0.1\nallow 127.0.0.1\ndefault REJECT\n}", ProxyHeaderPolicy.Use, ProxyHeaderPolicy.Reject)]
    [InlineData("proxyproto {\nallow ::ffff:127.0.0.0/104\ndefault use\n}", ProxyHeaderPolicy.Use, ProxyHeaderPolicy.Use)]
    public void Whose_headers_are_taken(string lines, ProxyHeaderPolicy near, ProxyHeaderPolicy far)
    {
        SnippetSetup setup = SnippetSetup.Run(new ProxyprotoPlugin(), lines);
        Assert.Empty(setup.Errors);
        ProxyProtocolOptions options = setup.Endpoint.ProxyProtocol!;
        Assert.Equal((near, far), (options.PolicyFor(Address("127.0.0.1")), options.PolicyFor(Address("192.0.2.1"))));
        Assert.Equal(far == ProxyHeaderPolicy.Use ? [Open] : [], setup.Warnings);
    }

    [Theory]
    [InlineData("", 0, 10240)]
    [InlineData("udp_session_tracking 28s", 28, 10240)]
    [InlineData("udp_session_tracking 1m 500", 60, 500)]
    public void How_long_sessions_live(string line, int seconds, int most)
    {
        SnippetSetup setup = SnippetSetup.Run(new ProxyprotoPlugin(), $"proxyproto {{\nallow 10.0.0.0/8\n{line}\n}}");
        Assert.Empty(setup.Errors);
        Assert.Equal((TimeSpan.FromSeconds(seconds), most), (setup.Endpoint.ProxyProtocol!.SessionTime, setup.Endpoint.ProxyProtocol.MaxSessions));
    }

    [Theory]
    [InlineData("proxyproto extra", "2:12: proxyproto: takes no arguments, but has 'extra'")]
    [InlineData("proxyproto {\nunknown\n}", "3:1: proxyproto: unknown property 'unknown'; known are: allow, default, udp_session_tracking")]
    [InlineData("proxyproto {\nallow 10.0.0.0/33 house\n}", "3:7: proxyproto: allow: '10.0.0.0/33' is not a network such as 192.0.2.0/24, nor an address", "3:19: proxyproto: allow: 'house' is not a network such as 192.0.2.0/24, nor an address")]
    [InlineData("proxyproto {\nallow 10.0.0.0/8\ndefault refuse\n}", "4:9: proxyproto: default: 'refuse' is not one of use, ignore, reject, skip")]
    [InlineData("proxyproto {\nallow 10.0.0.0/8\nudp_session_tracking\n}", "4:1: proxyproto: udp_session_tracking: a duration from 0s to 24h0m0s such as 1h30m, 5s or 250ms is expected after 'udp_session_tracking'")]
    [InlineData("proxyproto {\nallow 10.0.0.0/8\nudp_session_tracking 28s 0\n}", "4:26: proxyproto: udp_session_tracking: '0' is not a whole number from 1 to 1000000")]
    [InlineData("proxyproto {\nallow 10.0.0.0/8\nudp_session_tracking 28s 1 2\n}", "4:28: proxyproto: udp_session_tracking: '2' is one argument too many")]
    [InlineData("proxyproto {\nallow 10.0.0.0/8\n}\nproxyproto", "5:1: proxyproto: may be used once in a server block; it was already used at Corefile:2:1")]
    public void What_is_wrong_is_said(string lines, params string[] errors) =>
        Assert.Equal([.. errors.Select(e => "Corefile:" + e)], SnippetSetup.Run(new ProxyprotoPlugin(), lines).Errors);

    private static ClientAddress Address(string text) => ClientAddress.From(new IPEndPoint(IPAddress.Parse(text), 53));
}
