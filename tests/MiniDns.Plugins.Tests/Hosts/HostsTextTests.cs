using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Hosts;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tests.Hosts;

public sealed class HostsTextTests
{
    [Theory]
    [InlineData("192.0.2.1 a", "192.0.2.1 a.")]
    [InlineData("\t192.0.2.1\ta\tb.c.  # d", "192.0.2.1 a.|192.0.2.1 b.c.")]
    [InlineData("192.0.2.1 a\r", "192.0.2.1 a.")]
    [InlineData("2001:DB8::1 A", "2001:db8::1 a.")]
    [InlineData("fe80::1%lo0 a", "fe80::1 a.")]
    [InlineData("192.0.2.1%eth0 a", "192.0.2.1 a.")]
    [InlineData("::ffff:192.0.2.1 a", "192.0.2.1 a.")]
    [InlineData("64:ff9b::192.0.2.1 a", "64:ff9b::c000:201 a.")]
    [InlineData("0.0.0.0 0.0.0.0", "0.0.0.0 0.0.0.0.")]
    [InlineData("192.0.2.1 *.a", "192.0.2.1 *.a.")]
    [InlineData("192.0.2.1 a\\.b.c", "192.0.2.1 a\\.b.c.")]
    [InlineData("192.0.2.1 _x.host_name", "192.0.2.1 _x.host_name.")]
    [InlineData("# 192.0.2.1 a", "")]
    [InlineData("#", "")]
    [InlineData("", "")]
    [InlineData("  \t ", "")]
    public void Lines_that_are_right(string line, string expected)
    {
        Assert.Equal((expected, null), Read(line));
    }

    [Theory]
    [InlineData("123.123.123 a", "", "\"123.123.123\" is not an IP address")]
    [InlineData("1 a", "", "\"1\" is not an IP address")]
    [InlineData("256.0.0.1 a", "", "\"256.0.0.1\" is not an IP address")]
    [InlineData("010.0.0.1 a", "", "\"010.0.0.1\" is not an IP address")]
    [InlineData("1.2.3.4.5 a", "", "\"1.2.3.4.5\" is not an IP address")]
    [InlineData("1.2.3.4/8 a", "", "\"1.2.3.4/8\" is not an IP address")]
    [InlineData("0x7f.0.0.1 a", "", "\"0x7f.0.0.1\" is not an IP address")]
    [InlineData("1..2.3 a", "", "\"1..2.3\" is not an IP address")]
    [InlineData("[::1] a", "", "\"[::1]\" is not an IP address")]
    [InlineData("::1/64 a", "", "\"::1/64\" is not an IP address")]
    [InlineData("::12345 a", "", "\"::12345\" is not an IP address")]
    [InlineData("||ads.example^", "", "\"||ads.example^\" is not an IP address")]
    [InlineData("192.0.2.1", "", "192.0.2.1 stands without a name")]
    [InlineData("192.0.2.1 # a", "", "192.0.2.1 stands without a name")]
    [InlineData("192.0.2.1 a..b c", "192.0.2.1 c.", "\"a..b\" is not a host name: a label must not be empty")]
    [InlineData("192.0.2.1 .", "", "\".\" is not a host name: a label must not be empty")]
    [InlineData("192.0.2.1 a \\", "192.0.2.1 a.", "\"\\\" is not a host name: a backslash must be followed by a character or by three digits up to 255")]
    public void Lines_that_are_wrong(string line, string expected, string error)
    {
        Assert.Equal((expected, error), Read(line));
    }

    [Fact]
    public void Labels_and_names_have_their_limits()
    {
        string label = new('a', 63);
        Assert.Null(Read("192.0.2.1 " + label).Error);
        Assert.Contains("63 octets", Read("192.0.2.1 a" + label).Error!, StringComparison.Ordinal);
        Assert.Null(Read($"192.0.2.1 {label}.{label}.{label}.{label[..61]}").Error);
        Assert.Contains("255 octets", Read($"192.0.2.1 {label}.{label}.{label}.{label[..62]}").Error!, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_lines_are_skipped_and_reading_goes_on()
    {
        var problems = new HostsProblems();
        string text = "192.0.2.1 a\n192.0.2.2 " + new string('b', 300_000) + "\n192.0.2.3 c\n#" + new string('d', HostsText.MaxLine - 2) + "\n192.0.2.4 e";
        Assert.Equal("192.0.2.1 a.|192.0.2.3 c.|192.0.2.4 e.", ReadAll(text, problems));
        (int line, string message) = Assert.Single(problems.Kept);
        Assert.Equal(2, line);
        Assert.Equal("the line is longer than 65536 octets", message);
    }

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_first_address()
    {
        var problems = new HostsProblems();
        Assert.Equal("192.0.2.1 a.", ReadAll("\uFEFF192.0.2.1 a\n", problems));
        Assert.Equal(0, problems.Count);
    }

    [Fact]
    public void Problems_have_line_numbers_and_only_the_first_are_kept()
    {
        var problems = new HostsProblems();
        ReadAll("192.0.2.1 a\n\nbad\n" + string.Concat(Enumerable.Repeat("worse x\n", 50)), problems);
        Assert.Equal(51, problems.Count);
        Assert.Equal(HostsProblems.MaxKept, problems.Kept.Count);
        Assert.Equal((3, "\"bad\" is not an IP address"), problems.Kept[0]);
        Assert.Equal(4, problems.Kept[1].Line);
    }

    /// <summary>Whatever the octets and however they arrive in pieces: no exception, and the same entries as from one piece.</summary>
    [Fact]
    public void Any_octets_in_any_pieces_are_read_alike()
    {
        Gen<byte> octet = Gen.Frequency((8, Gen.Elements("0123456789abcf.:%* \t#\n\\"u8.ToArray())), (1, Gen.Choose(0, 255).Select(i => (byte)i)));
        Prop.ForAll(octet.ArrayOf().ToArbitrary(), Gen.Choose(1, 7).ToArbitrary(), (content, piece) =>
        {
            var whole = new HostsProblems();
            var pieces = new HostsProblems();
            string expected = ReadAll(new MemoryStream(content), whole);
            string actual = ReadAll(new SlowStream(content, piece), pieces);
            return expected == actual && whole.Count == pieces.Count;
        }).QuickCheckThrowOnFailure();
    }

    private static (string Entries, string? Error) Read(string line)
    {
        List<string> entries = [];
        HostsText.TryReadLine(Encoding.UTF8.GetBytes(line), (address, name) => Note(entries, address, name.ToString()), out string? error);
        return (string.Join('|', entries), error);
    }

    private static string ReadAll(string text, HostsProblems problems) => ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text)), problems);

    private static string ReadAll(Stream content, HostsProblems problems)
    {
        List<string> entries = [];
        HostsText.Read(content, (address, name) => Note(entries, address, name.ToString()), problems);
        return string.Join('|', entries);
    }

    private static string? Note(List<string> entries, ClientAddress address, string name)
    {
        entries.Add($"{address.ToIPAddress()} {name}");
        return null;
    }

    private sealed class SlowStream(byte[] content, int piece) : MemoryStream(content)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
