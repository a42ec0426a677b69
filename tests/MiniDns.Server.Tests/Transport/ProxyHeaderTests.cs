using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Queries;
using MiniDns.Server.Tests.Support;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Tests.Transport;

/// <summary>The PROXY protocol's two headers, read.</summary>
public class ProxyHeaderTests
{
    [Theory]
    [InlineData("192.0.2.1:40000", "198.51.100.53:53", false)]
    [InlineData("192.0.2.1:0", "198.51.100.53:53", true)]
    [InlineData("[2001:db8::1]:65535", "[2001:db8::53]:53", false)]
    [InlineData("[2001:db8::1]:1", "[2001:db8::53]:53", true)]
    public void Version_2_tells_both_addresses(string client, string local, bool isStream)
    {
        byte[] octets = ProxyHeaders.Binary(client, local, isStream, 0x04, 0, 1, 0);
        Assert.Equal(ProxyHeaderStatus.Proxied, ProxyHeader.Read([.. octets, 1, 2, 3], isStream, out ProxyHeader header));
        Assert.Equal(new ProxyHeader(octets.Length, ClientAddress.From(IPEndPoint.Parse(client)), ClientAddress.From(IPEndPoint.Parse(local))), header);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.53 40000 53", "192.0.2.1:40000", "198.51.100.53:53")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::53 40000 53", "[2001:db8::1]:40000", "[2001:db8::53]:53")]
    [InlineData("PROXY TCP6 ffff:f0ff:ffff:ffff:ffff:ffff:ffff:ff0f ffff:ffff:ffff:ffff:ffff:ffff:fff0:ffff 65535 65535", "[ffff:f0ff:ffff:ffff:ffff:ffff:ffff:ff0f]:65535", "[ffff:ffff:ffff:ffff:ffff:ffff:fff0:ffff]:65535")]
    public void Version_1_tells_both_addresses(string line, string client, string local)
    {
        byte[] octets = ProxyHeaders.Line(line);
        Assert.Equal(ProxyHeaderStatus.Proxied, ProxyHeader.Read([.. octets, 0, 29], isStream: true, out ProxyHeader header));
        Assert.Equal(new ProxyHeader(octets.Length, ClientAddress.From(IPEndPoint.Parse(client)), ClientAddress.From(IPEndPoint.Parse(local))), header);
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(octets, isStream: false, out _));
    }

    [Theory]
    [InlineData(ProxyHeaders.Local, 0x00)]
    [InlineData(ProxyHeaders.Local, 0x12)]
    [InlineData(ProxyHeaders.Proxy, 0x00)]
    [InlineData(ProxyHeaders.Proxy, 0x31)]
    public void Version_2_may_tell_none(byte command, byte family)
    {
        byte[] octets = ProxyHeaders.Raw(command, family, new byte[216]);
        foreach (bool isStream in (bool[])[true, false])
        {
            Assert.Equal(ProxyHeaderStatus.Local, ProxyHeader.Read(octets, isStream, out ProxyHeader header));
            Assert.Equal(octets.Length, header.Length);
        }
    }

    [Theory]
    [InlineData("PROXY UNKNOWN")]
    [InlineData("PROXY UNKNOWN ffff::1 ffff::2 65535 65535")]
    public void Version_1_may_tell_none(string line)
    {
        byte[] octets = ProxyHeaders.Line(line);
        Assert.Equal(ProxyHeaderStatus.Local, ProxyHeader.Read(octets, isStream: true, out ProxyHeader header));
        Assert.Equal(octets.Length, header.Length);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.53 40000")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.53 40000 53 1")]
    [InlineData("PROXY TCP4  192.0.2.1 198.51.100.53 40000 53")]
    [InlineData("PROXY TCP4 192.0.2 198.51.100.53 40000 53")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.53 40000 65536")]
    [InlineData("PROXY TCP4 192.0.2.1 198.51.100.53 -1 53")]
    [InlineData("PROXY TCP4 2001:db8::1 198.51.100.53 40000 53")]
    [InlineData("PROXY TCP6 192.0.2.1 198.51.100.53 40000 53")]
    [InlineData("PROXY TCP6 fe80::1%lo 2001:db8::53 40000 53")]
    [InlineData("PROXY UDP4 192.0.2.1 198.51.100.53 40000 53")]
    [InlineData("PROXY  ")]
    public void Version_1_may_be_malformed(string line) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(ProxyHeaders.Line(line), isStream: true, out _));

    [Fact]
    public void A_line_ends_in_time_and_with_both_its_octets()
    {
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read("PROXY UNKNOWN\n"u8, isStream: true, out _));
        Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeader.Read(ProxyHeaders.Line("PROXY UNKNOWN" + new string(' ', 93))[..106], isStream: true, out _));
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(ProxyHeaders.Line("PROXY UNKNOWN" + new string(' ', 94))[..107], isStream: true, out _));
    }

    [Theory]
    [InlineData(0x11, 0x12, 12, false)]     // version 1 in binary
    [InlineData(0x22, 0x12, 12, false)]     // a command that there is not
    [InlineData(0x21, 0x42, 12, false)]     // a family that there is not
    [InlineData(0x21, 0x13, 12, false)]     // a transport that there is not
    [InlineData(0x21, 0x11, 12, false)]     // for TCP, over UDP
    [InlineData(0x21, 0x12, 12, true)]      // for UDP, over TCP
    [InlineData(0x21, 0x12, 11, false)]     // too short for its addresses
    [InlineData(0x21, 0x22, 35, false)]
    [InlineData(0x21, 0x12, 4081, false)]   // longer than is taken
    public void Version_2_may_be_malformed(byte command, byte family, int length, bool isStream) =>
        Assert.Equal(ProxyHeaderStatus.Malformed, ProxyHeader.Read(ProxyHeaders.Raw(command, family, new byte[length]), isStream, out _));

    [Fact]
    public void Every_piece_of_a_header_is_incomplete()
    {
        byte[] binary = ProxyHeaders.Binary("192.0.2.1:40000", "192.0.2.53:53", isStream: true, 1, 2, 3);
        byte[] line = ProxyHeaders.Line("PROXY TCP4 192.0.2.1 198.51.100.53 40000 53");
        foreach (byte[] whole in (byte[][])[binary, line])
        {
            for (int length = 0; length < whole.Length; length++)
            {
                Assert.Equal(ProxyHeaderStatus.Incomplete, ProxyHeader.Read(whole.AsSpan(0, length), isStream: true, out _));
            }
        }
    }

    [Fact]
    public void A_query_is_no_header()
    {
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.Read(Ask.For("example.org."), isStream: false, out _));
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.Read(Ask.For("example.org.", id: 0x0D0A), isStream: false, out _));
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.Read(Ask.For("example.org.", id: 0x5052), isStream: false, out _));
        Assert.Equal(ProxyHeaderStatus.None, ProxyHeader.Read(TcpClientStream.Frame(Ask.For("example.org.")), isStream: true, out _));
    }

    [Fact]
    public void Whatever_comes_is_read_within_its_bounds()
    {
        Gen<byte[]> any = ArbMap.Default.GeneratorFor<byte[]>();
        Gen<byte[]> binary = from command in Gen.Elements<byte>(0x20, 0x21, 0x22, 0x31)
                             from family in ArbMap.Default.GeneratorFor<byte>()
                             from length in Gen.Choose(0, 64)
                             from rest in any
                             select (byte[])[.. ProxyHeaders.Signature, command, family, 0, (byte)length, .. rest];
        Gen<byte[]> line = from rest in any
                           select (byte[])[.. "PROXY TCP4 "u8, .. rest, (byte)'\r', (byte)'\n'];
        Prop.ForAll(Gen.OneOf(any, binary, line).ToArbitrary(), octets =>
        {
            foreach (bool isStream in (bool[])[true, false])
            {
                ProxyHeaderStatus status = ProxyHeader.Read(octets, isStream, out ProxyHeader header);
                bool isWhole = status is ProxyHeaderStatus.Proxied or ProxyHeaderStatus.Local;
                Assert.True(isWhole ? header.Length > 0 && header.Length <= octets.Length : header == default);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }
}
