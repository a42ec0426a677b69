using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Rpz;

namespace MiniDns.Plugins.Tests.Rpz;

public sealed class PolicyNetworkTests
{
    [Theory]
    [InlineData("32.7.2.0.192", "192.0.2.7/32")]
    [InlineData("24.0.2.0.192", "192.0.2.0/24")]
    [InlineData("1.0.0.0.128", "128.0.0.0/1")]
    [InlineData("128.57.0.0.0.0.0.db8.2001", "2001:db8::57/128")]
    [InlineData("128.57.zz.db8.2001", "2001:db8::57/128")]
    [InlineData("128.57.ZZ.DB8.2001", "2001:db8::57/128")]
    [InlineData("48.zz.101.db8.2001", "2001:db8:101::/48")]
    [InlineData("128.1.zz", "::1/128")]
    [InlineData("64.zz.1.2.3.4", "4:3:2:1::/64")]
    public void Networks_are_read(string labels, string expected)
    {
        Assert.True(PolicyNetwork.TryRead(Wire(labels), out PolicyNetwork network, out string? error), error);
        Assert.Equal(expected, network.ToString());
    }

    [Theory]
    [InlineData("", "a prefix length from 1 to 128")]
    [InlineData("32", "a prefix length from 1 to 128")]
    [InlineData("0.0.0.0.0", "a prefix length from 1 to 128")]
    [InlineData("129.1.zz", "a prefix length from 1 to 128")]
    [InlineData("032.1.2.0.192", "a prefix length from 1 to 128")]
    [InlineData("33.1.2.0.192", "33 is not a prefix length from 1 to 32")]
    [InlineData("32.1.2.0.256", "'256' is not a number from 0 to 255")]
    [InlineData("32.1.2.00.192", "'00' is not a number from 0 to 255")]
    [InlineData("24.1.2.0.192", "bits behind the prefix length")]
    [InlineData("48.1.zz.db8.2001", "bits behind the prefix length")]
    [InlineData("128.zz.1.zz", "'zz' may stand once")]
    [InlineData("128.1.2.3.4.5.6.7.8.9", "eight groups")]
    [InlineData("128.zz.2.3.4.5.6.7.8.9", "eight groups")]
    [InlineData("128.1.2.3", "eight groups")]
    [InlineData("128.12345.zz", "'12345' is not a group")]
    [InlineData("128.xy.zz", "'xy' is not a group")]
    public void What_is_wrong_is_said(string labels, string message)
    {
        Assert.False(PolicyNetwork.TryRead(Wire(labels), out _, out string? error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back() =>
        Prop.ForAll(Arb.From(Networks()), network =>
        {
            Span<byte> labels = stackalloc byte[64];
            return PolicyNetwork.TryRead(labels[..network.WriteLabels(labels)], out PolicyNetwork back, out _) && back == network;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_labels_are_read_or_refused() =>
        Prop.ForAll(Arb.From(Gen.Elements("0", "1", "24", "128", "zz", "db8", "ffff", "255", "x", "\u00ff").ArrayOf()), labels =>
        {
            bool isRead = PolicyNetwork.TryRead(Wire(string.Join('.', labels)), out _, out string? error);
            return isRead == (error is null);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_longest_network_is_found_as_a_plain_search_finds_it() =>
        Prop.ForAll(Arb.From(Networks().ArrayOf()), Arb.From(Networks()), (networks, address) =>
        {
            Dictionary<PolicyNetwork, int> numbers = [];
            foreach (PolicyNetwork network in networks)
            {
                numbers.TryAdd(network, numbers.Count);
            }

            bool isIPv4 = address.Bits >> 32 == 0xFFFF;
            KeyValuePair<PolicyNetwork, int>[] holding = [.. numbers
                .Where(n => n.Key.IsIPv4 == isIPv4 && (address.Bits & PolicyNetwork.Mask(n.Key.Length)) == n.Key.Bits)
                .OrderByDescending(n => n.Key.Length)];
            int found = new PolicyNetworks(numbers).Find(address.Bits, out PolicyNetwork by);
            return holding.Length == 0 ? found == -1 : found == holding[0].Value && by == holding[0].Key;
        }).QuickCheckThrowOnFailure();

    private static Gen<PolicyNetwork> Networks()
    {
        Gen<byte[]> v4 = Gen.Elements<byte>(0, 1, 192, 255).ArrayOf(4);
        Gen<byte[]> v6 = Gen.Elements<byte>(0, 0, 0, 1, 0x20, 0xff).ArrayOf(16);
        return Gen.OneOf(v4, v6).SelectMany(octets => Gen.Choose(1, octets.Length * 8).Select(length =>
        {
            UInt128 bits = PolicyNetwork.BitsOf(octets);
            byte all = (byte)(octets.Length == 4 ? 96 + length : length);
            return new PolicyNetwork(bits & PolicyNetwork.Mask(all), all);
        })).Where(n => n.IsIPv4 || n.Bits >> 32 != 0xFFFF);
    }

    private static byte[] Wire(string labels) =>
        [.. labels.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(l => (byte[])[(byte)l.Length, .. Encoding.Latin1.GetBytes(l)])];
}
