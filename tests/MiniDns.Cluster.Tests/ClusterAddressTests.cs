using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Tests;

public class ClusterAddressTests
{
    [Theory]
    [InlineData("10.0.0.1", "10-0-0-1")]
    [InlineData("fd00::1", "fd00--1")]
    [InlineData("2001:db8::", "2001-db8--0")]
    [InlineData("::1", "--1")]
    [InlineData("1:0:0:2:0:0:0:3", "1-0-0-2--3")]
    [InlineData("1:2:3:4:5:6:7:8", "1-2-3-4-5-6-7-8")]
    public void Goes_by_a_label(string text, string label)
    {
        Assert.True(ClusterAddress.TryParse(Encoding.UTF8.GetBytes(text), out ClusterAddress address));
        Span<byte> octets = stackalloc byte[ClusterAddress.MaxDashedLength];
        Assert.Equal(label, Encoding.UTF8.GetString(octets[..address.FormatDashed(octets)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.256")]
    [InlineData("None")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    public void Is_read_strictly(string text) => Assert.False(ClusterAddress.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void Any_address_survives_being_written_and_read() => Prop.ForAll(Arb.From(Gen.ArrayOf(Gen.Choose(0, 255).Select(i => (byte)(i < 128 ? 0 : i)), 16)), octets =>
    {
        var framework = new IPAddress(octets);
        ClusterAddress address = ClusterAddress.FromOctets(octets);
        return ClusterAddress.TryParse(Encoding.UTF8.GetBytes(framework.ToString()), out ClusterAddress again) && again.Equals(address)
            && (address.IsIPv4 || address.ToString() == framework.ToString());
    }).QuickCheckThrowOnFailure();
}
