using MiniDns.Plugins.Dnssec;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Dnssec;

/// <summary>What a Corefile may say, and what is told of key files that are wrong.</summary>
public sealed class DnssecPluginTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("minidns-dnssec-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("dnssec", true)]                                        // CoreDNS takes it; there is a warning
    [InlineData("dnssec 10.0.0.0/8", true)]
    [InlineData("dnssec example.org {\n cache_capacity 100\n}", true)]
    [InlineData("dnssec example.org {\n key file KEY\n}", true)]
    [InlineData("dnssec example.org {\n key file KEY.key\n}", true)]
    [InlineData("dnssec example.org {\n key file KEY.private\n cache_capacity 1\n}", true)]
    [InlineData("dnssec example.net sub.example.org {\n key file KEY\n}", true)]
    [InlineData("dnssec example.org {\n key file KEY KEY\n}", false)]
    [InlineData("dnssec example.net {\n key file KEY\n}", false)]
    [InlineData("dnssec example.org {\n key\n}", false)]
    [InlineData("dnssec example.org {\n key file\n}", false)]
    [InlineData("dnssec example.org {\n key KEY\n}", false)]
    [InlineData("dnssec example.org {\n key file KEYmissing\n}", false)]
    [InlineData("dnssec example.org {\n key aws_secretsmanager KEY\n}", false)]
    [InlineData("dnssec example.org {\n key file KEY\n cache_capacity 0\n}", false)]
    [InlineData("dnssec example.org {\n key file KEY\n cache_capacity\n}", false)]
    [InlineData("dnssec example.org {\n sign all\n}", false)]
    [InlineData("dnssec example.org\ndnssec example.org", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new DnssecPlugin(), lines.Replace("KEY", TestKeys.Write(_directory.FullName, "example.org"), StringComparison.Ordinal));
        Assert.True(isAccepted == (setup.Errors.Count == 0), string.Join('\n', setup.Errors));
    }

    [Fact]
    public void Without_a_key_there_is_a_warning_and_nothing_is_done()
    {
        SnippetSetup setup = SnippetSetup.Run(new DnssecPlugin(), "dnssec");
        Assert.Equal("Corefile:2:1: dnssec: no key, so nothing is signed; add 'key file K...'", Assert.Single(setup.Warnings));
        Assert.Same(EndOfChain.Instance, setup.Chain());
    }

    [Fact]
    public void What_is_wrong_with_a_key_is_told_with_its_place_in_the_file_and_without_its_secret()
    {
        string path = TestKeys.Write(_directory.FullName, "example.org");
        string secret = File.ReadAllLines(path + ".private")[2].Split(' ')[1];
        string record = File.ReadAllText(path + ".key");
        (string Key, string Private, string Error)[] cases =
        [
            ("example.org. IN A 192.0.2.1\n", "", ".key:1:1: dnssec: a DNSKEY record is expected"),
            ("", "", ".key:1:1: dnssec: a DNSKEY record is expected"),
            ("; ok\nexample.org. IN DNSKEY 257 3 13 !\n", "", ".key:2:"),
            (record.Replace("257 3 13", "256 3 15", StringComparison.Ordinal), "", ".key:2:1: dnssec: algorithm 15 (ED25519) is not there"),
            (record.Replace("257 3 13", "256 3 5", StringComparison.Ordinal), "", ".key:2:1: dnssec: algorithm 5 (RSA with SHA-1) is not to be signed with any more"),
            (record.Replace("257 3 13", "1 3 13", StringComparison.Ordinal), "", ".key:2:1: dnssec: the record is no zone key"),
            ("", "Algorithm: 13 (X)\nPrivateKey: x\n", ".private:1:1: dnssec: the line 'Private-key-format: v1.3' is missing"),
            ("", "Private-key-format: v1.3\nAlgorithm: 14 (X)\nPrivateKey: " + secret, ".private:2:12: dnssec: 'Algorithm: 13' is expected"),
            ("", "Private-key-format: v1.3\nAlgorithm: 13 (X)\n" + secret, ".private:3:1: dnssec: a line 'Name: value' is expected"),
            ("", "Private-key-format: v1.3\nAlgorithm: 13 (X)\nPrivateKey: " + Convert.ToBase64String(new byte[31]) + "AQ==", ".private:3:13: dnssec: "),
            ("", "Private-key-format: v1.3\nAlgorithm: 13 (X)\n", ".private:1:1: dnssec: 'PrivateKey' is missing"),
        ];
        foreach ((string key, string secretText, string error) in cases)
        {
            string broken = Path.Combine(_directory.FullName, "Kbroken");
            File.WriteAllText(broken + ".key", key == "" && secretText != "" ? record : key);
            File.WriteAllText(broken + ".private", secretText == "" ? File.ReadAllText(path + ".private") : secretText);
            string told = Assert.Single(SnippetSetup.Run(new DnssecPlugin(), $"dnssec example.org {{\n key file {broken}\n}}").Errors);
            Assert.StartsWith(broken + error, told, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_told_at_its_place_in_the_Corefile() =>
        Assert.StartsWith("Corefile:3:11: dnssec: key: /nowhere/K.key cannot be read: ", SnippetSetup.Run(new DnssecPlugin(), "dnssec example.org {\n key file /nowhere/K\n}").Errors[0], StringComparison.Ordinal);

    [Fact]
    public async Task A_reload_keeps_signatures_while_the_keys_are_the_same()
    {
        string key = TestKeys.Write(_directory.FullName, "example.org");
        string text = $"whoami\ndnssec example.org {{\n key file {key}\n}}";
        await using PluginHarness first = PluginHarness.Stanza(text);
        await using PluginHarness second = PluginHarness.Stanza(text, first);
        await using PluginHarness third = PluginHarness.Stanza(text.Replace(key, TestKeys.Write(_directory.FullName, "example.org"), StringComparison.Ordinal), second);
        Assert.Same(first.Provided<SignatureCache>(), second.Provided<SignatureCache>());
        Assert.NotSame(second.Provided<SignatureCache>(), third.Provided<SignatureCache>());
    }

    [Fact]
    public async Task The_metrics_are_those_of_CoreDNS()
    {
        string key = TestKeys.Write(_directory.FullName, "example.org");
        await using PluginHarness harness = PluginHarness.Stanza($"whoami\ndnssec example.org {{\n key file {key}\n}}");
        for (int i = 0; i < 3; i++)
        {
            Reply reply = new(harness.Chain.Ask("example.org.", DnsRecordType.DNSKEY, dnssecOk: true));
            Assert.Equal(2, reply.Answer.Count);
            Assert.True(reply.Header.IsAuthoritative);
        }

        string[] metrics = [.. harness.Metrics.Snapshot().Where(s => s.Name.StartsWith("coredns_dnssec", StringComparison.Ordinal))
            .Select(s => $"{s.Name} {string.Join(',', s.Labels.Select(l => l.Key))} {s.Read()}")];
        Assert.Equal(["coredns_dnssec_cache_entries server,type 1", "coredns_dnssec_cache_hits_total server 2", "coredns_dnssec_cache_misses_total server 1"], metrics);
    }
}
