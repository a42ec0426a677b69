using System.Net;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Geoip;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Geoip;

/// <summary>The MaxMind DB format, read.</summary>
public sealed class GeoDatabaseTests
{
    public static TheoryData<int, bool> Forms => new() { { 24, true }, { 28, true }, { 32, true }, { 24, false }, { 28, false }, { 32, false } };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Each_address_has_the_record_of_its_network(int recordBits, bool isIPv6)
    {
        // Networks that do not overlap, of all lengths.
        var random = new Random(recordBits);
        var writer = new MmdbWriter("Test-ASN", recordBits, isIPv6);
        List<(IPNetwork Network, string Name)> networks = [];
        for (int i = 0; i < 2000; i++)
        {
            byte[] address = new byte[isIPv6 && i % 2 == 0 ? 16 : 4];
            random.NextBytes(address);
            address[0] |= 0x20;
            int length = random.Next(8, (address.Length * 8) + 1);
            for (int bit = length; bit < address.Length * 8; bit++)
            {
                address[bit / 8] &= (byte)~(0x80 >> (bit % 8));
            }

            var network = new IPNetwork(new IPAddress(address), length);
            if (networks.Exists(n => n.Network.BaseAddress.AddressFamily == network.BaseAddress.AddressFamily && (n.Network.Contains(network.BaseAddress) || network.Contains(n.Network.BaseAddress))))
            {
                continue;
            }

            networks.Add((network, $"network {i}"));
            writer.Add(network.ToString(), new Dictionary<string, object> { ["autonomous_system_organization"] = $"network {i}" });
        }

        Assert.True(networks.Count > 500);
        GeoDatabase database = Read(writer.Build());
        foreach ((IPNetwork network, string name) in networks)
        {
            byte[] last = network.BaseAddress.GetAddressBytes();
            for (int bit = network.PrefixLength; bit < last.Length * 8; bit++)
            {
                last[bit / 8] |= (byte)(0x80 >> (bit % 8));
            }

            Assert.Equal(name, Value(database, network.BaseAddress.ToString(), "geoip/asn/org"));
            Assert.Equal(name, Value(database, new IPAddress(last).ToString(), "geoip/asn/org"));
        }

        for (int i = 0; i < 5000; i++)
        {
            byte[] address = new byte[i % 2 == 0 ? 16 : 4];
            random.NextBytes(address);
            var asked = new IPAddress(address);
            string? expected = networks.Find(n => n.Network.BaseAddress.AddressFamily == asked.AddressFamily && n.Network.Contains(asked)).Name;
            Assert.Equal(expected, Value(database, asked.ToString(), "geoip/asn/org"));
        }
    }

    [Theory]
    [InlineData("192.0.2.77", "Cambridge|GB|United Kingdom||EU|Europe|52.2242|0.1315|Europe/London|CB4|ENG,CAM||")]
    [InlineData("2001:db8::1", "Cambridge|GB|United Kingdom||EU|Europe|52.2242|0.1315|Europe/London|CB4|ENG,CAM||")]
    [InlineData("198.51.100.127", "Vienna|AT|Austria|true|||48|-0.00001|||||")]
    [InlineData("203.0.113.1", "||||EU|Europe|||||||")]
    public void A_record_has_a_value_for_each_label(string address, string values)
    {
        foreach (int recordBits in (int[])[24, 28, 32])
        {
            GeoDatabase database = Read(GeoFiles.City(recordBits));
            Assert.Equal(values, string.Join('|', GeoPath.All.Select(p => Value(database, address, p.Label))));
        }
    }

    [Fact]
    public void What_is_not_there_is_not_found()
    {
        GeoDatabase database = Read(GeoFiles.City());
        Assert.All(new[] { "198.51.100.128", "10.0.0.1", "2001:db9::1", "::" }, a => Assert.False(database.TryFind(Address(a), out _)));
        Assert.False(Read(new MmdbWriter("Test", isIPv6: false).Add("192.0.2.0/24", "x").Build()).TryFind(Address("2001:db8::1"), out _));
        Assert.Equal(("GeoLite2-City", 1_700_000_000L), (database.Kind, database.BuiltAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(28)]
    [InlineData(29)]
    [InlineData(284)]
    [InlineData(285)]
    [InlineData(65820)]
    [InlineData(65821)]
    [InlineData(600000)]
    public void Values_of_every_length_are_gone_past(int length)
    {
        // What follows a long text is pointed to over a distance; and the text itself is cut to what fits.
        string text = new('ä', length / 2);
        byte[] file = new MmdbWriter("Test-ASN", recordBits: 32)
            .Add("192.0.2.0/24", new Dictionary<string, object>
            {
                ["list"] = new object[] { text, new byte[length], 1.5f, 7, true, ulong.MaxValue },
                ["padding"] = new byte[length],
                ["autonomous_system_organization"] = text,
                ["autonomous_system_number"] = uint.MaxValue,
            })
            .Add("198.51.100.0/24", new Dictionary<string, object> { ["autonomous_system_organization"] = "far behind" })
            .Build();
        GeoDatabase database = Read(file);
        Assert.Equal("4294967295", Value(database, "192.0.2.1", "geoip/asn/number"));
        Assert.Equal("far behind", Value(database, "198.51.100.1", "geoip/asn/org"));
        Assert.Equal(text[..Math.Min(text.Length, 511)], Value(database, "192.0.2.1", "geoip/asn/org", room: 1023) ?? "");
    }

    [Theory]
    [InlineData(52.2242, "52.2242")]
    [InlineData(-0.1, "-0.1")]
    [InlineData(0.0, "0")]
    [InlineData(180.0, "180")]
    [InlineData(0.000012, "0.000012")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(double.NaN, null)]
    public void Degrees_have_no_exponent(double value, string? text) =>
        Assert.Equal(text, Value(Read(With("location", new Dictionary<string, object> { ["latitude"] = value })), "192.0.2.1", "geoip/latitude"));

    [Fact]
    public void A_list_that_has_no_end_is_cut_short()
    {
        object[] many = [.. Enumerable.Range(0, 50_000).Select(_ => new Dictionary<string, object> { ["iso_code"] = "AB" })];
        Assert.Equal(string.Join(',', Enumerable.Repeat("AB", 16)), Value(Read(With("subdivisions", many)), "192.0.2.1", "geoip/subdivisions/code"));
        Assert.Null(Value(Read(With("a", many)), "192.0.2.1", "geoip/city/name"));
    }

    [Theory]
    [InlineData("binary_format_major_version")]
    [InlineData("record_size")]
    [InlineData("ip_version")]
    [InlineData("node_count")]
    public void What_it_says_about_itself_has_to_be_right(string key)
    {
        byte[] file = GeoFiles.Asn();
        int at = file.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(key)) + key.Length;
        foreach ((byte header, byte value) in ((byte, byte)[])[((byte)(file[at] & 0xE0 | 1), 77), (0x41, 0x41)])
        {
            byte[] wrong = [.. file];
            (wrong[at], wrong[at + 1]) = (header, value);
            bool isRead = GeoDatabase.TryRead(wrong, out _, out string? problem);
            Assert.True(!isRead || (key == "node_count" && header != 0x41), problem);
        }
    }

    [Fact]
    public void A_part_of_a_file_is_none()
    {
        byte[] file = GeoFiles.City();
        int marker = file.AsSpan().LastIndexOf("MaxMind.com"u8);
        for (int length = 0; length < marker + 20; length++)
        {
            Assert.False(GeoDatabase.TryRead(file[..length], out _, out string? problem));
            Assert.NotEmpty(problem);
        }

        for (int start = 1; start < marker; start++)
        {
            // Cut off in front, too: whatever is read of it, it is read within its bounds.
            Walk(file[start..]);
        }
    }

    [Fact]
    public void Whatever_the_file_holds_it_is_read_within_its_bounds()
    {
        byte[] city = GeoFiles.City(28);
        byte[] asn = GeoFiles.Asn();
        Gen<byte[]> damaged = from file in Gen.Elements(city, asn)
                              from places in Gen.ArrayOf(Gen.Choose(0, file.Length - 1))
                              from values in Gen.ArrayOf(ArbMap.Default.GeneratorFor<byte>(), 100)
                              select Damage(file, places, values);
        Prop.ForAll(damaged.ToArbitrary(), Walk).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
    }

    private static byte[] Damage(byte[] file, int[] places, byte[] values)
    {
        byte[] damaged = [.. file];
        for (int i = 0; i < places.Length; i++)
        {
            damaged[places[i]] = values[i % values.Length];
        }

        return damaged;
    }

    private static void Walk(byte[] file)
    {
        if (!GeoDatabase.TryRead(file, out GeoDatabase? database, out _))
        {
            return;
        }

        Span<byte> destination = stackalloc byte[64];
        foreach (string address in (string[])["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "10.0.0.1"])
        {
            if (database.TryFind(Address(address), out int record))
            {
                foreach (GeoPath path in GeoPath.All)
                {
                    database.TryRead(record, path, destination, out int written);
                    Assert.InRange(written, 0, destination.Length);
                }
            }
        }
    }

    private static byte[] With(string key, object value) =>
        new MmdbWriter("Test-City").Add("192.0.2.0/24", new Dictionary<string, object> { [key] = value }).Build();

    private static GeoDatabase Read(byte[] file)
    {
        Assert.True(GeoDatabase.TryRead(file, out GeoDatabase? database, out string? problem), problem);
        return database;
    }

    private static ClientAddress Address(string text) => ClientAddress.From(new IPEndPoint(IPAddress.Parse(text), 0));

    private static string? Value(GeoDatabase database, string address, string label, int room = 1024)
    {
        byte[] destination = new byte[room];
        return database.TryFind(Address(address), out int record)
            && database.TryRead(record, GeoPath.All.Single(p => p.Label == label), destination, out int written) && written > 0
            ? Encoding.UTF8.GetString(destination, 0, written)
            : null;
    }
}
