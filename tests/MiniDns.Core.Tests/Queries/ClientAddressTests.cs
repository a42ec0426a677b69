using System.Net;
using MiniDns.Queries;

namespace MiniDns.Core.Tests.Queries;

public sealed class ClientAddressTests
{
    [Theory]
    [InlineData("::", "::")]
    [InlineData("::1", "::1")]
    [InlineData("1:0:0:2::3", "1:0:0:2::3")]
    [InlineData("1::2:0:0:3", "1::2:0:0:3")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("fe80::", "fe80::")]
    [InlineData("255.0.10.1", "255.0.10.1")]
    [InlineData("::ffff:255.255.255.255", "255.255.255.255")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Rfc5952_4_addresses_are_written_as_short_as_can_be(string address, string expected)
    {
        char[] text = new char[ClientAddress.MaxTextLength];
        Assert.Equal(expected, new string(text, 0, ClientAddress.From(new IPEndPoint(IPAddress.Parse(address), 0)).FormatAddress(text)));
    }
}
