using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Encrypted;

/// <summary>Other people's clients of DNS over TLS and DNS over HTTPS.</summary>
public sealed class EncryptedClientTests(EncryptedServer server) : IClassFixture<EncryptedServer>
{
    [Theory]
    [InlineData("A", "192.0.2.1")]
    [InlineData("AAAA", "")]
    public async Task Kdig_over_TLS_with_the_certificate_checked(string type, string answer)
    {
        ToolResult result = await KdigAsync(server.TlsPort, "+tls-ca=ca.pem", "+tls-host=" + EncryptedServer.Name, "+short", "web.example.org", type);
        Assert.Equal(answer, result.Succeeded().Output.Trim());
    }

    [Fact]
    public async Task Kdig_turns_away_from_a_name_that_is_not_the_certificates()
    {
        ToolResult result = await KdigAsync(server.TlsPort, "+tls-ca=ca.pem", "+tls-host=other.example.org", "+short", "web.example.org");
        Assert.DoesNotContain("192.0.2.1", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kdig_sends_many_queries_down_one_connection()
    {
        ToolResult result = await KdigAsync(server.TlsPort, "+tls", "+keepopen", "+short", "-q", "web.example.org", "-q", "web.example.org", "-q", "web.example.org");
        Assert.Equal(["192.0.2.1", "192.0.2.1", "192.0.2.1"], result.Succeeded().Lines);
    }

    [Theory]
    [InlineData("+tls")]
    [InlineData("+https")]
    [InlineData("+https-get")]
    public async Task Kdig_gets_padded_replies_for_padded_queries(string transport)
    {
        string port = transport == "+tls" ? server.TlsPort : server.HttpsPort;
        ToolResult padded = await KdigAsync(port, transport, "+padding", "web.example.org");
        Assert.Contains(";; Received 468 B", padded.Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("PADDING: ", padded.Output, StringComparison.Ordinal);
        ToolResult bare = await KdigAsync(port, transport, "+nopadding", "web.example.org");
        Assert.Contains(";; Received ", bare.Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain(";; Received 468 B", bare.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+https")]
    [InlineData("+https-get")]
    public async Task Kdig_over_HTTPS(string transport)
    {
        ToolResult result = await KdigAsync(server.HttpsPort, transport, "+tls-ca=ca.pem", "+tls-host=" + EncryptedServer.Name, "web.example.org");
        DigReply reply = DigReply.Parse(result);
        Assert.Equal(["A 192.0.2.1"], reply.AnswerData);
        Assert.Contains("HTTP/2", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+tls")]
    [InlineData("+https")]
    [InlineData("+https-get")]
    public async Task Dig(string transport)
    {
        string port = transport == "+tls" ? server.TlsPort : server.HttpsPort;
        ToolResult result = await Tool.RunInAsync(
            server.Directory.Path, "dig", ["@127.0.0.1", "-p", port, transport, "+tls-ca=ca.pem", "+tls-hostname=" + EncryptedServer.Name, "+tries=1", "web.example.org"]);
        Assert.Equal(["A 192.0.2.1"], DigReply.Parse(result).AnswerData);
    }

    [Theory]
    [InlineData("--http1.1", "HTTP/1.1 200 OK")]
    [InlineData("--http2", "HTTP/2 200")]
    public async Task Curl_gets_a_message(string version, string status)
    {
        ToolResult result = await CurlAsync(version, "-D", "headers", "-o", "body", "/dns-query?dns=AAABAAABAAAAAAAAA3dlYgdleGFtcGxlA29yZwAAAQAB");
        Assert.Equal(0, result.Succeeded().ExitCode);
        string[] headers = [.. (await File.ReadAllLinesAsync(server.Directory["headers"])).Select(h => h.Trim())];
        Assert.Equal(status, headers[0]);
        Assert.Contains(headers, h => h.Equals("cache-control: max-age=120", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(headers, h => h.Equals("content-type: application/dns-message", StringComparison.OrdinalIgnoreCase));
        Assert.Equal([192, 0, 2, 1], (await File.ReadAllBytesAsync(server.Directory["body"]))[^4..]);
    }

    [Fact]
    public async Task Curl_resolves_names_by_it()
    {
        // The name in the URL is looked up over HTTPS, and leads curl to an address that nobody has: it says which.
        ToolResult result = await Tool.RunInAsync(
            server.Directory.Path,
            "curl",
            ["-v", "--doh-insecure", "--doh-url", $"https://127.0.0.1:{server.HttpsPort}/dns-query", "--connect-timeout", "1", "http://web.example.org:1/"]);
        Assert.Contains("192.0.2.1", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client", true)]
    [InlineData("stranger", false)]
    [InlineData(null, false)]
    public async Task Clients_with_a_certificate_of_the_authority_are_answered(string? certificate, bool isAnswered)
    {
        string[] shown = certificate is null ? [] : [$"+tls-certfile={certificate}.pem", $"+tls-keyfile={certificate}.key"];
        ToolResult result = await KdigAsync(server.ClientsPort, ["+tls", .. shown, "+short", "web.example.org"]);
        Assert.Equal(isAnswered, result.Output.Contains("192.0.2.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_of_our_servers_forwards_to_it_over_TLS()
    {
        DigReply reply = DigReply.Parse(await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.ForwarderPort, "+tries=1", "web.example.org"));
        Assert.Equal(["A 192.0.2.1"], reply.AnswerData);
    }

    [Fact]
    public async Task OpenSSL_resumes_a_session_and_sees_a_renewed_certificate()
    {
        ToolResult first = await SClientAsync("-sess_out", "session");
        Assert.Contains("New, TLSv1.3", first.Output, StringComparison.Ordinal);
        ToolResult second = await SClientAsync("-sess_in", "session");
        Assert.Contains("Reused, TLSv1.3", second.Output, StringComparison.Ordinal);

        server.Renew(EncryptedServer.Name, "renewed.example.org");
        await Eventually.TrueAsync(
            async () => (await KdigAsync(server.TlsPort, "+tls-ca=ca.pem", "+tls-host=renewed.example.org", "+short", "web.example.org")).Output.Contains("192.0.2.1", StringComparison.Ordinal),
            () => server.Running.Transcript);
    }

    [Fact]
    public async Task Proto_in_the_log_is_tcp_as_in_CoreDNS()
    {
        await KdigAsync(server.TlsPort, "+tls", "logged.example.org");
        await Eventually.TrueAsync(() => server.Running.Output.All.Any(l => l.Contains("\"A IN logged.example.org. tcp ", StringComparison.Ordinal)), () => server.Running.Transcript);
    }

    private Task<ToolResult> KdigAsync(string port, params IReadOnlyList<string> arguments) =>
        Tool.RunInAsync(server.Directory.Path, "kdig", ["@127.0.0.1", "-p", port, "+retry=0", "+time=5", .. arguments]);

    private Task<ToolResult> CurlAsync(params IReadOnlyList<string> arguments) => Tool.RunInAsync(
        server.Directory.Path,
        "curl",
        ["-s", "--cacert", "ca.pem", "--resolve", $"{EncryptedServer.Name}:{server.HttpsPort}:127.0.0.1", .. arguments.SkipLast(1), $"https://{EncryptedServer.Name}:{server.HttpsPort}{arguments[^1]}"]);

    /// <summary>Sends a query down a session of openssl's own client, so that it gets the tickets that come after the handshake.</summary>
    private Task<ToolResult> SClientAsync(string option, string file) => Tool.RunInAsync(
        server.Directory.Path,
        "sh",
        ["-c", $"printf '\\000\\021\\000\\001\\001\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000\\000\\001\\000\\001' | openssl s_client -connect 127.0.0.1:{server.TlsPort} -alpn dot -CAfile ca.pem -ign_eof {option} {file}"],
        TimeSpan.FromSeconds(40));
}
