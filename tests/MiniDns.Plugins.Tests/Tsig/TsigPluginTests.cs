using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Tsig;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Tests.Tsig;

public sealed class TsigPluginTests : IDisposable
{
    private const string Key = "secret name.key. NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=\n";

    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-keys-").FullName;

    private string FilePath => Path.Combine(_directory, "keys");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("tsig", true)]
    [InlineData("tsig {\n" + Key + "}", true)]
    [InlineData("tsig example.com {\n" + Key + " secret name2.key c2VjcmV0\n}", true)]
    [InlineData("tsig {\n" + Key + " require all\n}", true)]
    [InlineData("tsig {\n" + Key + " require none\n}", true)]
    [InlineData("tsig {\n" + Key + " require A AAAA TYPE65280\n}", true)]
    [InlineData("tsig {\n" + Key + " require_opcode UPDATE NOTIFY QUERY IQUERY STATUS\n}", true)]
    [InlineData("tsig {\n" + Key + " require_opcode all\n}", true)]
    [InlineData("tsig {\n" + Key + " require AXFR\n require_opcode none\n}", true)]
    [InlineData("tsig {\n secret name. c2VjcmV0 hmac-sha512\n}", true)]
    [InlineData("tsig {\n blah\n}", false)]
    [InlineData("tsig {\n secret name. too many parameters\n}", false)]
    [InlineData("tsig {\n secret name.\n}", false)]
    [InlineData("tsig {\n secret name. not-base64\n}", false)]
    [InlineData("tsig {\n secret name. c2VjcmV0 hmac-md5\n}", false)]
    [InlineData("tsig {\n" + Key + Key + "}", false)]
    [InlineData("tsig {\n secrets\n}", false)]
    [InlineData("tsig {\n secrets /nonexistent/keys\n}", false)]
    [InlineData("tsig {\n require\n}", false)]
    [InlineData("tsig {\n require invalid-qtype\n}", false)]
    [InlineData("tsig {\n require_opcode\n}", false)]
    [InlineData("tsig {\n require_opcode INVALID\n}", false)]
    [InlineData("tsig\ntsig", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new TsigPlugin(), lines).Errors.Count == 0);

    [Fact]
    public void Errors_say_what_is_wrong_but_not_the_secret()
    {
        SnippetSetup setup = SnippetSetup.Run(new TsigPlugin(), "tsig {\n secret a. hunter2!\n secret b. c2VjcmV0 hmac-md5\n require A Q\n secret b..c c2VjcmV0\n}");
        Assert.Equal(
            [
                "Corefile:3:12: tsig: secret: the secret of 'a.' is not base64; 'tsig-keygen a.' makes one",
                "Corefile:4:21: tsig: secret: hmac-md5 is not taken, for MD5 is broken (RFC 8945 §6, RFC 6151); make a new key for hmac-sha256",
                "Corefile:5:12: tsig: require: 'Q' is not known; write 'all', 'none' or types such as AXFR IXFR",
            ],
            setup.Errors.Take(3));
        Assert.Equal(4, setup.Errors.Count);
        Assert.DoesNotContain("hunter2", string.Join('\n', setup.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_read_from_a_file()
    {
        SnippetSetup setup = Read("""
            # made by hand
            key "foo" {
                algorithm hmac-sha256;
                secret "36eowrtmxceNA3T5AdE+JNUOWFCw3amtcyHACnrDVgQ=";
            };
            key bar.example. { algorithm "hmac-sha512-256"; secret "X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus="; };
            /* no
               algorithm */
            key "Baz" {
                secret BycDPXSx/5YCD44Q4g5Nd2QNxNRDKwWTXddrU/zpIQM= // here
            }
            """);
        Assert.Empty(setup.Errors);
        TsigKeyring ring = Assert.Single(setup.Capabilities.All<TsigKeyring>());
        Assert.Equal(
            ["bar.example. hmac-sha512", "baz. any", "foo. hmac-sha256"],
            ring.Keys.ToArray().Select(k => $"{k} {k.Algorithm?.ToString() ?? "any"}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("key {", "1:5: tsig: the key's name is expected after 'key'")]
    [InlineData("foo \"key\" {", "1:1: tsig: 'foo' is not expected here; write 'key \"NAME\" { secret \"SECRET\"; };'")]
    [InlineData("key \"foo\" {\n secret \"c2VjcmV0\";\n};\n key \"foo\" {\n secret \"c2VjcmV0\";\n};", "4:6: tsig: the key 'foo.' is defined twice")]
    [InlineData("key \"foo\" {\n schmalgorithm hmac-sha256;", "2:2: tsig: 'schmalgorithm' is not expected in a key, which has 'algorithm' and 'secret'")]
    [InlineData("key \"foo\" {\n secret", "2:2: tsig: a value is expected after 'secret'")]
    [InlineData("key \"foo\" {\n secret ;", "2:2: tsig: a value is expected after 'secret'")]
    [InlineData("key \"foo\" {\n};", "1:5: tsig: the key 'foo.' has no 'secret'")]
    [InlineData("key \"foo\" {\n secret \"c2VjcmV0\";\n", "3:1: tsig: '}' is missing at the end of 'key \"foo\"'")]
    [InlineData("key \"foo\" secret", "1:11: tsig: '{' is expected after 'key \"foo\"'")]
    [InlineData("key \"foo\" {\n algorithm hmac-md5; secret \"c2VjcmV0\";\n};", "1:5: tsig: hmac-md5 is not taken, for MD5 is broken (RFC 8945 §6, RFC 6151); make a new key for hmac-sha256")]
    [InlineData("key \"foo\" {\n secret \"c2Vj\n};", "")]
    [InlineData("key \"foo\" {\n secret \"%%%\";\n};", "1:5: tsig: the secret of 'foo.' is not base64; 'tsig-keygen foo.' makes one")]
    public void A_wrong_file_is_an_error_with_its_place(string text, string error) =>
        Assert.Equal(error.Length == 0 ? [] : [$"{FilePath}:{error}"], Read(text).Errors);

    private SnippetSetup Read(string text)
    {
        File.WriteAllText(FilePath, text);
        return SnippetSetup.Run(new TsigPlugin(), $"tsig {{\n secrets {FilePath}\n}}");
    }
}
