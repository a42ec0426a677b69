using System.Net;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

public sealed class ClientNetworkTests
{
    [Theory]
    [InlineData("192.0.2.0/24", "192.0.2.255", true)]
    [InlineData("192.0.2.77/24", "192.0.2.1", true)]
    [InlineData("192.0.2.0/24", "192.0.3.0", false)]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("2001:db8::/32", "2001:db8:ffff::1", true)]
    [InlineData("2001:db8::/32", "2001:db9::1", false)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.9", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.9", true)]
    public void An_address_is_in_a_network_or_not(string text, string address, bool isIn)
    {
        Assert.True(ClientNetwork.TryParse(text, out ClientNetwork? network));
        ClientAddress client = ClientAddress.From(new IPEndPoint(IPAddress.Parse(address), 1));
        Assert.Equal(isIn, network.Value.Contains(client));
        Assert.Equal(isIn, ClientNetwork.AnyContains([network.Value], client));
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2/24")]
    [InlineData("192.0.2.0/")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("2001:db8::/129")]
    [InlineData("fe80::1%1/64")]
    [InlineData("::ffff:192.0.2.0/24")]
    [InlineData("example.org")]
    public void What_is_no_network_is_turned_down(string text) => Assert.False(ClientNetwork.TryParse(text, out _));
}
