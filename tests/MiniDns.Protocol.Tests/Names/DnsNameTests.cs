using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Tests.Records;

namespace MiniDns.Protocol.Tests.Names;

public sealed class DnsNameTests
{
    [Fact]
    public void The_fold_is_that_of_ascii_for_every_octet_at_every_place()
    {
        for (int octet = 0; octet < 256; octet++)
        {
            for (int shift = 0; shift < 64; shift += 8)
            {
                ulong others = 0xFF80_5A41_7B5B_4061;
                ulong value = (others & ~(0xFFUL << shift)) | ((ulong)octet << shift);
                byte[] expected = [.. BitConverter.GetBytes(value).Select(b => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b)];
                Assert.Equal(expected, BitConverter.GetBytes(DnsNameHash.Fold(value)));
            }
        }
    }

    [Fact]
    public void Names_that_differ_in_case_only_are_equal_and_hash_alike()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] wire = RdataGenerator.Name(random);
            byte[] other = [.. wire];
            for (int at = 0; wire[at] != 0; at += wire[at] + 1)
            {
                for (int i = at + 1; i <= at + wire[at]; i++)
                {
                    other[i] = char.IsAsciiLetter((char)wire[i]) ? (byte)(wire[i] ^ 0x20) : wire[i];
                }
            }

            var a = new DnsNameView(wire);
            var b = new DnsNameView(other);
            Assert.True(a.Equals(b));
            Assert.Equal(a.Hash, b.Hash);
            Assert.Equal(0, a.CompareCanonical(b));
            Assert.Equal(DnsName.FromView(a), DnsName.FromView(b));
            Assert.Equal(DnsName.FromView(a).ToLower().Wire.ToArray(), DnsName.FromView(b).ToLower().Wire.ToArray());
            if (wire.Length > 1)
            {
                other[1] ^= 0x80;       // no longer the same letter
                Assert.False(a.Equals(new DnsNameView(other)));
                Assert.NotEqual(a.Hash, new DnsNameView(other).Hash);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(10_000));
    }

    [Fact]
    public void Text_reads_back_to_the_same_octets()
    {
        Prop.ForAll<int>(seed =>
        {
            byte[] wire = RdataGenerator.Name(new Random(seed));
            string text = new DnsNameView(wire).ToString();
            Assert.Equal(wire, DnsName.Parse(text).Wire.ToArray());
            Assert.Equal(text, DnsName.Parse(text).ToString());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(10_000));
    }

    [Fact]
    public void The_longest_text_fits()
    {
        byte[] wire = new byte[255];
        for (int at = 0; at < 254; at += 64)
        {
            wire[at] = (byte)Math.Min(63, 253 - at);
        }

        string text = new DnsNameView(wire).ToString();
        Assert.InRange(text.Length, 1000, DnsNameText.MaxChars);
        Assert.Equal(wire, DnsName.Parse(text).Wire.ToArray());
        Assert.False(DnsName.TryParse("x" + text, null, out _, out string? error));
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("..", "empty")]
    [InlineData(".a", "empty")]
    [InlineData("a..b", "empty")]
    [InlineData("a\\", "backslash")]
    [InlineData("a\\25", "backslash")]
    [InlineData("a\\256", "backslash")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", "63")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123.a", "63")]
    public void Text_that_is_no_name_is_refused(string text, string error)
    {
        Assert.False(DnsName.TryParse(text, null, out _, out string? said));
        Assert.Contains(error, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused()
    {
        Assert.False(DnsName.TryParse("a\uD800b", null, out _, out string? error));
        Assert.Contains("surrogate", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a.example.")]
    [InlineData("a.", "a.")]
    [InlineData(".", ".")]
    [InlineData("a\\.b", "a\\.b.example.")]
    [InlineData("\\065", "A.example.")]
    [InlineData("a\\ b", "a\\032b.example.")]
    [InlineData("ä", "\\195\\164.example.")]
    public void Text_is_read_relative_to_the_origin(string text, string expected)
    {
        Assert.True(DnsName.TryParse(text, DnsName.Parse("example"), out DnsName? name, out _));
        Assert.Equal(expected, name.ToString());
    }

    [Theory]
    [InlineData(250)]
    [InlineData(251)]
    [InlineData(252)]
    [InlineData(253)]
    [InlineData(254)]
    public void The_limit_of_255_octets_counts_the_origin(int octets)
    {
        // labels of one letter, two octets each, then the origin "bc.", four octets
        string text = string.Join('.', Enumerable.Repeat("a", (octets / 2) - 1)) + (octets % 2 == 0 ? "" : "a");
        int length = (octets / 2 * 2) - 2 + (octets % 2) + 4;
        Assert.Equal(length <= 255, DnsName.TryParse(text, DnsName.Parse("bc"), out DnsName? name, out _));
        Assert.Equal(length <= 255 ? length : null, name?.Length);
    }

    [Fact]
    public void Rfc4034_6_1_order()
    {
        string[] names = ["example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example", "\\001.z.example", "*.z.example", "\\200.z.example"];
        DnsName[] ordered = [.. names.Select(n => DnsName.Parse(n))];
        for (int i = 0; i < ordered.Length; i++)
        {
            for (int j = 0; j < ordered.Length; j++)
            {
                Assert.Equal(Math.Sign(i - j), Math.Sign(ordered[i].CompareTo(ordered[j])));
            }
        }
    }

    [Theory]
    [InlineData("a.example.org", "example.org", true)]
    [InlineData("EXAMPLE.org", "example.ORG", true)]
    [InlineData("example.org", ".", true)]
    [InlineData("example.org", "a.example.org", false)]
    [InlineData("badexample.org", "example.org", false)]
    [InlineData("a\\.example.org", "example.org", false)]
    public void A_subdomain_ends_in_the_labels_of_its_ancestor(string name, string ancestor, bool expected) =>
        Assert.Equal(expected, DnsName.Parse(name).IsSubdomainOf(DnsName.Parse(ancestor)));
}
