using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

public sealed class TextValueTests
{
    [Theory]
    [InlineData("0", "0s")]
    [InlineData("-0", "0s")]
    [InlineData("0s", "0s")]
    [InlineData("5s", "5s")]
    [InlineData("+5s", "5s")]
    [InlineData("-5s", "-5s")]
    [InlineData("1478s", "24m38s")]
    [InlineData("5.0s", "5s")]
    [InlineData("5.6s", "5.6s")]
    [InlineData("5.s", "5s")]
    [InlineData(".5s", "500ms")]
    [InlineData("1.004s", "1.004s")]
    [InlineData("100.00100s", "1m40.001s")]
    [InlineData("11us", "11\u00B5s")]
    [InlineData("12\u00B5s12\u03BCs", "24\u00B5s")]
    [InlineData("100ns", "100ns")]
    [InlineData("13ms", "13ms")]
    [InlineData("1h30m", "1h30m0s")]
    [InlineData("3h30m", "3h30m0s")]
    [InlineData("10.5s4m", "4m10.5s")]
    [InlineData("-2m3.4s", "-2m3.4s")]
    [InlineData("1h2m3s4ms5us", "1h2m3.004005s")]
    [InlineData("39h9m14.425s", "39h9m14.425s")]
    [InlineData("0.3333333333333333333h", "19m59.9999999s")]
    [InlineData("0.100000000000000000000h", "6m0s")]
    [InlineData("000000000000000000000000000001s", "1s")]
    [InlineData("2562047h47m16s", "2562047h47m16s")]
    public void Durations_as_Go_reads_them(string text, string expected)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));

        Assert.Equal(expected, DurationText.Format(duration));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("-")]
    [InlineData("s")]
    [InlineData(".")]
    [InlineData("-.")]
    [InlineData(".s")]
    [InlineData("+.s")]
    [InlineData("1d")]
    [InlineData("1 s")]
    [InlineData("1.2.3s")]
    [InlineData("5S")]
    [InlineData("1s-2s")]
    [InlineData("twenty seconds")]
    [InlineData("3000000h")]
    [InlineData("9223372036854775808ns")]
    [InlineData("99999999999999999999999999999999999999999h")]
    public void Durations_Go_refuses(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("30", 30)]
    [InlineData("-30", -30)]
    [InlineData("30s", 30)]
    [InlineData("2m", 120)]
    public void A_bare_number_can_count_seconds(string text, int seconds)
    {
        Assert.True(DurationText.TryParseOrSeconds(text, out TimeSpan duration));

        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
        Assert.False(DurationText.TryParseOrSeconds("twenty seconds", out _));
    }

    [Theory]
    [InlineData("512", 512)]
    [InlineData("64K", 65536)]
    [InlineData("64kb", 65536)]
    [InlineData("16MiB", 16 << 20)]
    [InlineData("1g", 1 << 30)]
    [InlineData("7B", 7)]
    [InlineData("", -1)]
    [InlineData("K", -1)]
    [InlineData("-1", -1)]
    [InlineData("1T", -1)]
    [InlineData("1.5M", -1)]
    [InlineData("9999999999999999999", -1)]
    [InlineData("9223372036854775807G", -1)]
    public void Sizes(string text, long expected)
    {
        Assert.Equal(expected >= 0, SizeText.TryParse(text, out long size));
        Assert.Equal(Math.Max(expected, 0), size);
    }

    [Theory]
    [InlineData("8.8.8.8:53", "8.8.8.8:53")]
    [InlineData("8.8.8.8:153", "8.8.8.8:153")]
    [InlineData("8.8.8.8", "8.8.8.8:53")]
    [InlineData("8.8.8.8:", "8.8.8.8:53")]
    [InlineData("fe80::1", "[fe80::1]:53")]
    [InlineData("[fd01::1]:153", "[fd01::1]:153")]
    [InlineData("fe80::1%7", "[fe80::1%7]:53")]
    [InlineData("[fd01::1%7]:153", "[fd01::1%7]:153")]
    [InlineData("fe80::1%nosuchif0", "[fe80::1]:53")]
    [InlineData("::ffff:192.0.2.1", "[::ffff:192.0.2.1]:53")]
    public void Addresses_with_a_default_port(string text, string expected)
    {
        Assert.True(AddressText.TryParseEndpoint(text, 53, out IPEndPoint? endpoint));

        Assert.Equal(expected, endpoint.ToString());
    }

    [Theory]
    [InlineData("a.a.a.a:153")]
    [InlineData("8.8.8.8::53")]
    [InlineData("8.9.1043")]
    [InlineData("127.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("010.0.0.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("8.8.8.8:65536")]
    [InlineData("8.8.8.8:dns")]
    [InlineData("8.8.8.8%eth0")]
    [InlineData("[8.8.8.8")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%")]
    [InlineData("resolv.conf")]
    [InlineData("")]
    [InlineData(":53")]
    public void No_addresses(string text) => Assert.False(AddressText.TryParseEndpoint(text, 53, out _));

    [Theory]
    [InlineData(":53", "", "53")]
    [InlineData("127.0.0.1:4005", "127.0.0.1", "4005")]
    [InlineData("[ffe0:34ab:1]:4005", "ffe0:34ab:1", "4005")]
    [InlineData("localhost:http", "localhost", "http")]
    [InlineData("[::1]:", "::1", "")]
    public void Host_and_port(string text, string host, string port)
    {
        Assert.True(AddressText.TrySplitHostPort(text, out string foundHost, out string foundPort));

        Assert.Equal((host, port), (foundHost, foundPort));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData("::1:53")]
    [InlineData("[::1]")]
    [InlineData("[::1:53")]
    [InlineData("a]:53")]
    public void No_host_and_port(string text) => Assert.False(AddressText.TrySplitHostPort(text, out _, out _));

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("cache", "cache", 0)]
    [InlineData("cache", "CACHE", 0)]
    [InlineData("cache", "cahce", 1)]
    [InlineData("cache", "cach", 1)]
    [InlineData("cache", "caches", 1)]
    [InlineData("cache", "cbche", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("ca", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    public void Slips_between_names(string left, string right, int expected)
    {
        Assert.Equal(expected, NearNames.Distance(left, right));
        Assert.Equal(expected, NearNames.Distance(right, left));
    }

    [Theory]
    [InlineData("frowrad", "forward")]
    [InlineData("host", "hosts")]
    [InlineData("lgo", "log")]
    [InlineData("prometheous", "prometheus")]
    [InlineData("LOG", "log")]
    [InlineData("kubernetes", null)]
    [InlineData("x", null)]
    [InlineData("", null)]
    public void The_name_that_was_meant(string written, string? expected)
    {
        string[] known = ["forward", "hosts", "log", "prometheus", "cache"];

        Assert.Equal(expected, NearNames.Find(written, known));
        Assert.Equal(expected is null ? "; known are: forward, hosts, log, prometheus, cache" : $"; did you mean '{expected}'?", NearNames.Hint(written, known));
        Assert.Null(NearNames.Find(new string('a', 1000), known));
        Assert.Equal("", NearNames.Hint(written, []));
    }
}
