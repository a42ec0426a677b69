using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Tls;

public sealed class TlsPluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-tls-").FullName;
    private readonly TestAuthority _authority = new();

    public TlsPluginTests()
    {
        (string certificate, string key) = _authority.IssuePem(["dns.example"]);
        Write("cert.pem", certificate);
        Write("key.pem", key);
        Write("ca.pem", _authority.Pem);
        Write("other.pem", _authority.IssuePem(["other.example"]).Key);
        Write("empty.pem", "");
        (certificate, key) = _authority.IssuePem(["old.example"], expired: true);
        Write("old.pem", certificate + key);
    }

    [Theory]
    [InlineData("tls cert.pem key.pem")]
    [InlineData("tls cert.pem key.pem ca.pem")]
    [InlineData("tls cert.pem key.pem {\n}")]
    [InlineData("tls cert.pem key.pem ca.pem {\n client_auth nocert\n}")]
    [InlineData("tls cert.pem key.pem ca.pem {\n client_auth request\n}")]
    [InlineData("tls cert.pem key.pem ca.pem {\n client_auth require\n}")]
    [InlineData("tls cert.pem key.pem ca.pem {\n client_auth verify_if_given\n}")]
    [InlineData("tls cert.pem key.pem {\n client_auth require_and_verify\n}")]
    [InlineData("tls off")]
    public async Task Is_accepted(string lines)
    {
        await using PluginHarness harness = Block(lines);
        Assert.True(harness.IsAccepted, harness.Errors);
        Assert.Empty(harness.Diagnostics.Items);
    }

    [Theory]
    [InlineData("tls", "3:1: error: tls: 2 to 3 argument(s) are expected, not 0; write 'tls CERT KEY [CA]'")]
    [InlineData("tls cert.pem", "3:1: error: tls: 2 to 3 argument(s) are expected, not 1")]
    [InlineData("tls cert.pem key.pem ca.pem more", "3:29: error: tls: 2 to 3 argument(s) are expected, not 4")]
    [InlineData("tls missing.pem key.pem", "3:1: error: tls: '*missing.pem' cannot be read")]
    [InlineData("tls cert.pem missing.pem", "3:1: error: tls: '*missing.pem' cannot be read")]
    [InlineData("tls cert.pem key.pem missing.pem", "3:1: error: tls: '*missing.pem' cannot be read")]
    [InlineData("tls empty.pem key.pem", "3:1: error: tls: '*empty.pem' holds no certificate in PEM")]
    [InlineData("tls cert.pem key.pem empty.pem", "3:1: error: tls: '*empty.pem' holds no certificate in PEM")]
    [InlineData("tls cert.pem other.pem", "3:1: error: tls: '*other.pem' is not the private key of '*cert.pem'")]
    [InlineData("tls cert.pem key.pem {\n client_auth\n}", "4:2: error: tls: client_auth: ")]
    [InlineData("tls cert.pem key.pem {\n client_auth requir\n}", "4:14: error: tls: client_auth: 'requir' is not")]
    [InlineData("tls cert.pem key.pem {\n client_auth none extra\n}", "4:14: error: tls: client_auth: 'none' is not")]
    [InlineData("tls cert.pem key.pem {\n client_aut nocert\n}", "4:2: error: tls: unknown property 'client_aut'; did you mean 'client_auth'?")]
    [InlineData("tls cert.pem key.pem {\n keylog keys\n}", "4:2: error: tls: keylog: the keys of connections cannot be written")]
    [InlineData("tls {\n acme dns.example\n}", "4:2: error: tls: CoreDNS's 'acme' is not part of MiniDns yet")]
    [InlineData("tls off {\n client_auth nocert\n}", "3:")]
    [InlineData("tls cert.pem key.pem\ntls cert.pem key.pem", "4:1: error: tls: may be used once in a server block")]
    public async Task What_is_wrong_is_said(string lines, string error)
    {
        await using PluginHarness harness = Block(lines);
        string first = harness.Errors.Split('\n')[0];
        string[] parts = error.Split('*');
        Assert.StartsWith("Corefile:" + parts[0], first, StringComparison.Ordinal);
        Assert.All(parts.Skip(1), p => Assert.Contains(p, first, StringComparison.Ordinal));

        // A directive that is wrong is not also missing.
        Assert.DoesNotContain("has no certificate", harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_doubtful()
    {
        await using PluginHarness harness = PluginHarness.Corefile($"tls://.:0 {{\nroot {_directory}\ntls old.pem old.pem\n}}\n");
        Assert.True(harness.IsAccepted);

        // The harness's clock stands long before the certificate.
        harness.Time.Advance(DateTimeOffset.UtcNow - harness.Time.GetUtcNow());
        await using PluginHarness now = PluginHarness.Corefile($"tls://.:0 {{\nroot {_directory}\ntls old.pem old.pem\n}}\n", harness);
        Assert.Contains("clients that check it turn away", Assert.Single(now.Diagnostics.Items).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_is_encrypted_it_means_nothing()
    {
        await using PluginHarness harness = PluginHarness.Stanza($"root {_directory}\ntls cert.pem key.pem\nwhoami");
        Assert.True(harness.IsAccepted);
        Assert.Equal(
            "Corefile:3:1: warning: tls: no key of this block begins with 'tls://' or 'https://', so this has no effect",
            Assert.Single(harness.Diagnostics.Items).ToString());
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private PluginHarness Block(string lines) => PluginHarness.Corefile($"tls://.:0 {{\nroot {_directory}\n{lines}\n}}\n");

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);
}
