using System.Text;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

public sealed class HmacSha224Tests
{
    /// <summary>RFC 4231 §4.2 to §4.8; the fifth is cut to 128 bits.</summary>
    public static TheoryData<string, string, string> Rfc4231 => new()
    {
        { Repeat(0x0B, 20), Hex("Hi There"), "896FB1128ABBDF196832107CD49DF33F47B4B1169912BA4F53684B22" },
        { Hex("Jefe"), Hex("what do ya want for nothing?"), "A30E01098BC6DBBF45690F3A7E9E6D0F8BBEA2A39E6148008FD05E44" },
        { Repeat(0xAA, 20), Repeat(0xDD, 50), "7FB3CB3588C6C1F6FFA9694D7D6AD2649365B0C1F65D69D1EC8333EA" },
        { "0102030405060708090A0B0C0D0E0F10111213141516171819", Repeat(0xCD, 50), "6C11506874013CAC6A2ABC1BB382627CEC6A90D86EFC012DE7AFEC5A" },
        { Repeat(0x0C, 20), Hex("Test With Truncation"), "0E2AEA68A90C8D37C988BCDB9FCA6FA8" },
        { Repeat(0xAA, 131), Hex("Test Using Larger Than Block-Size Key - Hash Key First"), "95E9A0DB962095ADAEBE9B2D6F0DBCE2D499F112F2D2B7273FA6870E" },
        { Repeat(0xAA, 131), Hex("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."), "3A854166AC5D9F023F54D517D0B39DBD946770DB9C2B95C9F6F565D1" },
    };

    [Theory]
    [MemberData(nameof(Rfc4231))]
    public void Rfc4231_4_the_MAC_is_the_published_one_however_the_octets_come(string key, string data, string mac)
    {
        byte[] octets = Convert.FromHexString(data);
        HmacSha224Mac hmac = new(Convert.FromHexString(key));
        byte[] computed = new byte[28];
        foreach (int piece in new[] { octets.Length, 1, 7, 63 })
        {
            for (int at = 0; at < octets.Length; at += piece)
            {
                hmac.Append(octets.AsSpan(at, Math.Min(piece, octets.Length - at)));
            }

            hmac.Finish(computed);
            Assert.Equal(mac, Convert.ToHexString(computed)[..mac.Length]);
        }
    }

    /// <summary>FIPS 180-4's own examples, and lengths around the edges of a block.</summary>
    [Theory]
    [InlineData(0, "D14A028C2A3A2BC9476102BB288234C415A2B01F828EA62AC5B3E42F")]
    [InlineData(1_000_000, "20794655980C91D8BBB4C1EA97618A4BF03F42581948B2EE4EE7AD67")]
    public void Fips180_4_so_many_letters_a(int count, string hash)
    {
        Sha224 sha = new();
        byte[] computed = new byte[28];
        sha.Append(Encoding.ASCII.GetBytes(new string('a', count)));
        sha.Finish(computed);
        Assert.Equal(hash, Convert.ToHexString(computed));
    }

    [Theory]
    [InlineData("abc", "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "75388B16512776CC5DBA5DA1FD890150B0C6455CB4F58B1952522525")]
    public void Fips180_4_example(string text, string hash)
    {
        Sha224 sha = new();
        byte[] computed = new byte[28];
        sha.Append(Encoding.ASCII.GetBytes(text));
        sha.Finish(computed);
        Assert.Equal(hash, Convert.ToHexString(computed));
    }

    private static string Repeat(byte octet, int count) => Convert.ToHexString(Enumerable.Repeat(octet, count).ToArray());

    private static string Hex(string text) => Convert.ToHexString(Encoding.ASCII.GetBytes(text));
}
