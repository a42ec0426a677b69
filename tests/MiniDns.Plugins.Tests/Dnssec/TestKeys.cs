using System.Security.Cryptography;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tests.Dnssec;

/// <summary>Keys made for a test, in the files of <c>dnssec-keygen</c>.</summary>
internal static class TestKeys
{
    /// <summary>Writes the two files of a new ECDSA key.</summary>
    /// <returns>What their names begin with.</returns>
    public static string Write(string directory, string zone, int flags = 257, int algorithm = 13)
    {
        using var made = ECDsa.Create(algorithm == 13 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
        ECParameters parameters = made.ExportParameters(includePrivateParameters: true);
        string path = Path.Combine(directory, $"K{zone}.+{algorithm:000}+{flags}{Guid.NewGuid():N}");
        File.WriteAllText(path + ".key", $"; a key\n{zone}. IN DNSKEY {flags} 3 {algorithm} {Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!])}\n");
        File.WriteAllText(path + ".private", $"Private-key-format: v1.3\nAlgorithm: {algorithm} (ECDSA)\nPrivateKey: {Convert.ToBase64String(parameters.D!)}\nCreated: 20260101000000\n");
        return path;
    }

    /// <summary>A new key without files.</summary>
    public static SigningKey Make(string zone, int flags = 257)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECParameters parameters = made.ExportParameters(includePrivateParameters: true);
        byte[] rdata = RdataText.Parse(DnsRecordType.DNSKEY, $"{flags} 3 13 {Convert.ToBase64String([.. parameters.Q.X!, .. parameters.Q.Y!])}");
        var text = PrivateKeyText.Read($"Private-key-format: v1.3\nAlgorithm: 13\nPrivateKey: {Convert.ToBase64String(parameters.D!)}\n", out _);
        Assert.True(SigningKey.TryCreate(DnsName.Parse(zone), 3600, rdata, text, out SigningKey? key, out _, out string? error), error);
        return key;
    }
}
