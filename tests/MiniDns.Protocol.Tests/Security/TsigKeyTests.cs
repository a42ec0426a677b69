using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

public sealed class TsigKeyTests
{
    [Theory]
    [InlineData("hmac-sha1", "hmac-sha1", 20)]
    [InlineData("HMAC-SHA224.", "hmac-sha224", 28)]
    [InlineData("hmac-sha256", "hmac-sha256", 32)]
    [InlineData("hmac-sha384", "hmac-sha384", 48)]
    [InlineData("hmac-sha512", "hmac-sha512", 64)]
    [InlineData("hmac-sha512-256", "hmac-sha512", 32)]
    [InlineData("hmac-sha1-80", "hmac-sha1", 10)]
    public void An_algorithm_is_read(string text, string name, int macLength)
    {
        Assert.True(TsigAlgorithm.TryParse(text, out TsigAlgorithm? algorithm, out int length, out string? error), error);
        Assert.Equal((name, macLength), (algorithm.ToString(), length));
    }

    [Theory]
    [InlineData("hmac-md5", "hmac-md5 is not taken, for MD5 is broken (RFC 8945 §6, RFC 6151); make a new key for hmac-sha256")]
    [InlineData("HMAC-MD5.SIG-ALG.REG.INT.", "hmac-md5 is not taken, for MD5 is broken (RFC 8945 §6, RFC 6151); make a new key for hmac-sha256")]
    [InlineData("hmac-sha3", "'hmac-sha3' is not one of hmac-sha1, hmac-sha224, hmac-sha256, hmac-sha384, hmac-sha512")]
    [InlineData("hmac-sha256-120", "'hmac-sha256-120': MACs of hmac-sha256 can be cut to a multiple of 8 from 128 to 256 bits (RFC 8945 §5.2.2.1)")]
    [InlineData("hmac-sha1-81", "'hmac-sha1-81': MACs of hmac-sha1 can be cut to a multiple of 8 from 80 to 160 bits (RFC 8945 §5.2.2.1)")]
    public void What_is_no_algorithm_is_refused_with_a_clear_word(string text, string error)
    {
        Assert.False(TsigAlgorithm.TryParse(text, out _, out _, out string? found));
        Assert.Equal(error, found);
    }

    [Theory]
    [InlineData("test-key")]
    [InlineData("AAA")]
    [InlineData("====")]
    [InlineData("")]
    public void A_secret_is_base64(string secret)
    {
        Assert.False(TsigKey.TryCreate(DnsName.Parse("a.key."), secret, null, out _, out string? error));
        Assert.Equal("the secret of 'a.key.' is not base64; 'tsig-keygen a.key.' makes one", error);
    }

    [Fact]
    public void A_key_is_found_by_its_name_in_any_case()
    {
        TsigKey key = new(DnsName.Parse("A.Key."), [1]);
        TsigKeyring ring = new([key]);
        Assert.True(ring.TryGet(DnsName.Parse("a.kEY.").View, out TsigKey? found));
        Assert.Same(key, found);
        Assert.False(ring.TryGet(DnsName.Parse("b.key.").View, out _));
    }

    [Fact]
    public void Keys_work_for_many_threads()
    {
        TsigPair pair = new("hmac-sha224");
        byte[] request = pair.Request();
        Parallel.For(0, 2000, _ =>
        {
            TsigResponder server = new();
            Assert.True(TsigRecord.TryLocate(request, out int offset));
            Assert.Equal(TsigStatus.Good, server.Verify(request, offset, pair.Keys, pair.ServerClock));
        });
    }
}
