using System.Globalization;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

public sealed class SigningKeyTests
{
    private const string P256Key = "257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==";
    private const string P256Private = "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=";
    private const string P384Key = "257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40";
    private const string P384Private = "WURgWHCcYIYUPWgeLmiPY2DJJk02vgrmTfitxgqcL4vwW7BOrbawVmVe0d9V94SR";

    /// <summary>The keys, tags and signatures of RFC 6605, sections 6.1 and 6.2: www.example.net. 3600 IN A 192.0.2.1.</summary>
    [Theory]
    [InlineData(P256Key, P256Private, 55648, "A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==")]
    [InlineData(P384Key, P384Private, 10771, "A 14 3 3600 20100909102025 20100812102025 10771 example.net. /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm")]
    public void Rfc6605_6_keys_verify_the_signatures_and_make_such(string record, string secret, int tag, string signature)
    {
        SigningKey key = Key(record, secret);
        Assert.Equal(tag, key.Tag);
        Assert.True(key.IsEntryPoint);
        CanonicalRRset address = Address("www.example.net.", [192, 0, 2, 1]);
        byte[] known = RdataText.Parse(DnsRecordType.RRSIG, signature);
        Assert.True(key.Verify(address, known));
        Assert.False(key.Verify(Address("www.example.net.", [192, 0, 2, 2]), known));
        Assert.False(key.Verify(Address("web.example.net.", [192, 0, 2, 1]), known));

        // ECDSA signatures differ from one to the next; what stands before them does not.
        byte[] made = key.Sign(address, Time(signature, 5), Time(signature, 4));
        int head = known.Length - (tag == 55648 ? 64 : 96);
        Assert.Equal(known[..head], made[..head]);
        Assert.Equal(known.Length, made.Length);
        Assert.True(key.Verify(address, made));
        made[4]++;      // the original TTL
        Assert.False(key.Verify(address, made));
    }

    /// <summary>The key of RFC 4034, section 5.4.</summary>
    [Fact]
    public void Rfc4034_B_the_key_tag_is_a_sum() => Assert.Equal(60485, SigningKey.TagOf(RdataText.Parse(
        DnsRecordType.DNSKEY,
        "256 3 5 AQOeiiR0GOMYkDshWoSKz9Xz fwJr1AYtsmx3TGkJaNXVbfi/ 2pHm822aJ5iI9BMzNXxeYCmZ DRD99WYwYqUSdjMmmAphXdvx egXd/M5+X7OrzKBaMbCVdFLU Uh6DhweJBjEVv5f2wwjM9Xzc nOf+EPbtG9DMBmADjFDc2w/rljwvFw==")));

    [Theory]
    [InlineData(P256Key, P384Private, "PrivateKey")]                                                                    // too long
    [InlineData(P256Key, "AU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=", "PrivateKey")]                                 // another key's
    [InlineData(P256Key, "no base64", "PrivateKey")]
    [InlineData("257 3 13 AAAA", P256Private, null)]                                                                    // cut short
    [InlineData("0 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==", P256Private, null)]
    [InlineData("257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", P256Private, null)]
    [InlineData("257 3 8 AwEAAQ==", P256Private, null)]
    public void A_key_that_does_not_work_is_refused(string record, string secret, string? field)
    {
        byte[] rdata = RdataText.Parse(DnsRecordType.DNSKEY, record);
        Assert.False(SigningKey.TryCreate(DnsName.Parse("example.net."), 3600, rdata, Text(rdata[3], secret), out _, out string? wrong, out string? error));
        Assert.Equal(field, wrong);
        Assert.DoesNotContain(secret, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Private-key-format: v1.3\nAlgorithm: 13\nnonsense\n", "3:1")]
    [InlineData("Private-key-format: v1.3\nAlgorithm: 13\n Algorithm: 13\n", "3:2")]
    [InlineData("Algorithm: 13\n", "1:1")]
    [InlineData("", "1:1")]
    public void A_private_key_that_cannot_be_read_has_its_place_told(string text, string place)
    {
        PrivateKeyText.Read(text, out IReadOnlyList<(int Line, int Column, string Message)> problems);
        (int line, int column, _) = Assert.Single(problems);
        Assert.Equal(place, string.Create(CultureInfo.InvariantCulture, $"{line}:{column}"));
    }

    [Fact]
    public void Many_threads_may_sign_at_once()
    {
        SigningKey key = Key(P256Key, P256Private);
        Parallel.For(0, 64, i =>
        {
            CanonicalRRset records = Address("www.example.net.", [192, 0, 2, (byte)i]);
            Assert.True(key.Verify(records, key.Sign(records, 0, 1)));
        });
    }

    private static SigningKey Key(string record, string secret)
    {
        byte[] rdata = RdataText.Parse(DnsRecordType.DNSKEY, record);
        Assert.True(SigningKey.TryCreate(DnsName.Parse("example.net."), 3600, rdata, Text(rdata[3], secret), out SigningKey? key, out _, out string? error), error);
        return key;
    }

    private static PrivateKeyText Text(byte algorithm, string secret)
    {
        var text = PrivateKeyText.Read($"Private-key-format: v1.2\nAlgorithm: {algorithm} (NAME)\nPrivateKey: {secret}\n", out IReadOnlyList<(int, int, string)> problems);
        Assert.Empty(problems);
        return text;
    }

    private static CanonicalRRset Address(string name, byte[] address)
    {
        var records = new CanonicalRRset();
        records.Begin(DnsName.Parse("example.net.").View, DnsName.Parse(name).View, DnsRecordType.A, DnsRecordClass.IN, 3600);
        Assert.True(records.TryAdd(address));
        records.Complete();
        return records;
    }

    private static uint Time(string signature, int word) => (uint)new DateTimeOffset(
        DateTime.ParseExact(signature.Split(' ')[word], "yyyyMMddHHmmss", CultureInfo.InvariantCulture), TimeSpan.Zero).ToUnixTimeSeconds();
}
