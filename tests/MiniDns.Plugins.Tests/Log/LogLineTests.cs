using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Log;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Log;

public sealed class LogLineTests
{
    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("1::")]
    [InlineData("2001:db8::1")]
    [InlineData("2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1::1")]
    [InlineData("2001:db8::1:0:0:1")]
    [InlineData("fe80::a:b:c:d")]
    public void Rfc5952_4_addresses_are_as_short_as_can_be(string address) => Assert.Equal($"[{address}]", Format(IPAddress.Parse(address)));

    [Fact]
    public void Any_address_reads_back_as_itself() => Prop.ForAll<ulong, ulong, byte>((high, low, mask) =>
    {
        // Zero groups make the interesting cases.
        byte[] octets = new byte[16];
        for (int i = 0; i < 8; i++)
        {
            ushort group = (ushort)((i < 4 ? high : low) >> (16 * (i & 3)));
            group = (mask & (1 << i)) != 0 ? (ushort)0 : group;
            (octets[2 * i], octets[(2 * i) + 1]) = ((byte)(group >> 8), (byte)group);
        }

        octets[0] |= 0x20;
        IPAddress address = new(octets);
        return Format(address) == $"[{address}]";
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "0.000000001s")]
    [InlineData(37990251, "0.037990251s")]
    [InlineData(100000000, "0.1s")]
    [InlineData(1000000000, "1s")]
    [InlineData(61000000010, "61.00000001s")]
    public void Seconds_have_the_decimals_they_need(long nanoseconds, string text)
    {
        LogLine line = new(stackalloc byte[64]);
        line.AppendSeconds(nanoseconds);
        Assert.Equal(text.Length, line.Length);
        Span<byte> octets = stackalloc byte[64];
        LogLine again = new(octets);
        again.AppendSeconds(nanoseconds);
        Assert.Equal(text, Encoding.ASCII.GetString(octets[..again.Length]));
    }

    [Theory]
    [InlineData(0x8000, "qr")]
    [InlineData(0x8580, "qr,aa,rd,ra")]
    [InlineData(0x87F0, "qr,aa,tc,rd,ra,z,ad,cd")]
    [InlineData(0, "")]
    public void Flags_are_listed(int flags, string text)
    {
        Span<byte> octets = stackalloc byte[64];
        LogLine line = new(octets);
        line.AppendFlags((ushort)flags);
        Assert.Equal(text, Encoding.ASCII.GetString(octets[..line.Length]));
    }

    private static string Format(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[64];
        LogLine line = new(octets);
        line.AppendAddress(ClientAddress.From(new IPEndPoint(address, 1)));
        return Encoding.ASCII.GetString(octets[..line.Length]);
    }
}
