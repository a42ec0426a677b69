using MiniDns.Testing;

namespace MiniDns.Server.Tests.Building;

/// <summary>What is checked of <c>tls://</c> and <c>https://</c> addresses before anything is opened.</summary>
public sealed class SecureEndpointTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-secure-").FullName;

    public SecureEndpointTests()
    {
        using var authority = new TestAuthority();
        authority.IssueTo(Path.Combine(_directory, "cert.pem"), Path.Combine(_directory, "key.pem"), ["dns.example"]);
        authority.IssueTo(Path.Combine(_directory, "cert2.pem"), Path.Combine(_directory, "key2.pem"), ["dns.example"]);
    }

    [Theory]
    [InlineData("tls://.", "tls://:853")]
    [InlineData("https://.", "https://:443")]
    [InlineData("tls://example.org:8853", "tls://:8853")]
    public async Task An_address_without_a_certificate_is_an_error(string key, string address)
    {
        await using PluginHarness harness = PluginHarness.Corefile($"{key} {{\n whoami\n}}\n");
        Assert.Equal(
            $"Corefile:1:1: error: {address} has no certificate; add 'tls CERT KEY' to the block, or 'tls off' when a proxy in front of the server ends TLS",
            harness.Errors);
    }

    [Theory]
    [InlineData(".:853 tls://.", "")]
    [InlineData("tls://.:443 https://.", "")]
    [InlineData("tls://.:5000 .:5000", "bind 127.0.0.1")]
    public async Task Two_ways_of_speaking_do_not_share_a_port(string keys, string bind)
    {
        await using PluginHarness harness = Corefile($"{keys} {{\n{bind}\n tls cert.pem key.pem\n whoami\n}}\n");
        Assert.Matches(@"^Corefile:1:\d+: error: '\S+' needs TCP port \d+.*, which \w+://\S*:\d+ has at Corefile:1:1; give one of them another port$", harness.Errors);
    }

    [Theory]
    [InlineData("quic")]
    [InlineData("grpc")]
    [InlineData("https3")]
    public async Task Other_schemes_are_not_served(string scheme)
    {
        await using PluginHarness harness = Corefile($"{scheme}://. {{\n tls cert.pem key.pem\n whoami\n}}\n");
        Assert.Equal($"Corefile:1:1: error: {scheme}:// is not served yet; 'dns://', 'tls://', 'https://' and keys without a scheme are", harness.Errors);
    }

    [Theory]
    [InlineData("tls cert.pem key.pem", "tls cert.pem key.pem", true)]
    [InlineData("tls cert.pem key.pem", "", true)]
    [InlineData("", "tls cert.pem key.pem", true)]
    [InlineData("tls cert.pem key.pem", "tls cert2.pem key2.pem", false)]
    [InlineData("tls cert.pem key.pem", "tls cert.pem key.pem {\n client_auth require\n }", false)]
    public async Task Blocks_that_share_an_address_have_one_certificate(string first, string second, bool isAccepted)
    {
        await using PluginHarness harness = Corefile($"tls://a.example {{\n {first}\n whoami\n}}\ntls://b.example tls://c.example {{\n {second}\n whoami\n}}\n");
        Assert.Equal(isAccepted, harness.IsAccepted);
        if (!isAccepted)
        {
            Assert.StartsWith("Corefile:6:2: error: tls: blocks that share an address have one certificate, and that of tls://:853 is given at Corefile:2:2", harness.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', harness.Errors);
        }
    }

    [Fact]
    public async Task Blocks_at_different_ports_have_certificates_of_their_own()
    {
        await using PluginHarness harness = Corefile("tls://. {\n tls cert.pem key.pem\n whoami\n}\ntls://.:8853 {\n tls cert2.pem key2.pem\n whoami\n}\n");
        Assert.True(harness.IsAccepted, harness.Errors);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private PluginHarness Corefile(string text) =>
        PluginHarness.Corefile(text.Replace("cert", _directory + "/cert", StringComparison.Ordinal).Replace("key", _directory + "/key", StringComparison.Ordinal));
}
