using System.Net;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Acl;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Acl;

public sealed class AddressSetTests
{
    [Theory]
    [InlineData("192.168.0.0/16", "192.168.0.2", true)]
    [InlineData("192.168.0.0/16", "192.167.255.255", false)]
    [InlineData("192.168.0.0/16", "192.169.0.0", false)]
    [InlineData("192.168.0.0/16", "::c0a8:2", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("::/0", "192.0.2.1", false)]
    [InlineData("2001:db8:abcd::/48", "2001:db8:abcd:ffff::1", true)]
    [InlineData("2001:db8:abcd::/48", "2001:db8:abce::", false)]
    [InlineData("2001:db8::1/128", "2001:db8::1", true)]
    [InlineData("::ffff:192.0.2.0/120", "192.0.2.77", true)]
    [InlineData("192.0.2.0/24", "::ffff:192.0.2.77", true)]
    public void An_address_is_in_a_network_or_not(string network, string address, bool isIn) =>
        Assert.Equal(isIn, new AddressSet([IPNetwork.Parse(network)]).Contains(Client(address)));

    [Fact]
    public void Networks_that_touch_are_one_range()
    {
        Assert.Equal(1, new AddressSet([IPNetwork.Parse("10.0.0.0/9"), IPNetwork.Parse("10.128.0.0/9"), IPNetwork.Parse("10.1.2.0/24")]).RangeCount);
        Assert.Equal(2, new AddressSet([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("12.0.0.0/8")]).RangeCount);
        Assert.Equal(0, new AddressSet([]).RangeCount);
        Assert.False(new AddressSet([]).Contains(Client("0.0.0.0")));
    }

    [Fact]
    public void Any_set_holds_what_its_networks_hold()
    {
        // Few addresses, so that networks overlap, touch and contain each other.
        Gen<IPNetwork> network =
            from last in Gen.Choose(0, 255)
            from length in Gen.Choose(0, 8)
            from six in Gen.Elements(false, true)
            select Masked(last, length, six);
        Prop.ForAll(
            network.ListOf().ToArbitrary(),
            Gen.Choose(0, 255).ToArbitrary(),
            Gen.Elements(false, true).ToArbitrary(),
            (networks, last, six) =>
            {
                IPAddress address = Address(last, six);
                return new AddressSet(networks).Contains(Client(address.ToString())) == networks.Any(n => n.Contains(address));
            }).QuickCheckThrowOnFailure();
    }

    private static IPNetwork Masked(int last, int length, bool six) => new(Address(last & (0xFF00 >> length) & 0xFF, six), (six ? 120 : 24) + length);

    private static IPAddress Address(int last, bool six) => IPAddress.Parse(six ? $"2001:db8::{last:x}" : $"192.0.2.{last}");

    private static ClientAddress Client(string address) => ClientAddress.From(new IPEndPoint(IPAddress.Parse(address), 40000));
}
