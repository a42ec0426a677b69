using System.Globalization;
using MiniDns.Client;
using MiniDns.Client.Transfers;
using MiniDns.IntegrationTests.Support;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Tsig;

/// <summary>Signed queries and transfers, as dig, kdig and dnspython make and check them.</summary>
public sealed class TsigClientTests : IAsyncLifetime
{
    private const string Secret = "X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=";

    /// <summary>Debian's own Python, which Debian's dnspython belongs to.</summary>
    private const string Python = "/usr/bin/python3";

    private DnsTestServer? _server;

    public static TheoryData<string> Algorithms => ["hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];

    private DnsTestServer Server => _server ?? throw new InvalidOperationException("not started");

    private string Port => Server.Address.Port.ToString(CultureInfo.InvariantCulture);

    public async Task InitializeAsync()
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal)
        {
            ["keys"] = $$"""
                key "cut.key" { algorithm hmac-sha256-128; secret "{{Secret}}"; };
                """,
        };
        string corefile = $$"""
            example.org:0 {
                bind 127.0.0.1
                tsig {
                    secret test.key {{Secret}}
                    secrets {DIR}/keys
                    require all
                }
                streamedzone
            }
            """;
        _server = await DnsTestServer.StartAsync(corefile, files, [.. PluginOrder.All, new StreamedZone()]);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Dig_and_kdig_ask_and_believe_the_answer(string algorithm)
    {
        foreach (string transport in new[] { "+notcp", "+tcp" })
        {
            foreach (string client in new[] { "dig", "kdig" })
            {
                ToolResult result = (await AskAsync(client, $"{algorithm}:test.key:{Secret}", transport, "host7.example.org", "A")).Succeeded();
                Assert.Contains("10.0.0.7", result.Output, StringComparison.Ordinal);
                Assert.Contains("NOERROR", result.Output, StringComparison.Ordinal);
                Assert.DoesNotContain("WARNING", Remarks(result), StringComparison.Ordinal);
                Assert.DoesNotContain("verify", Remarks(result), StringComparison.OrdinalIgnoreCase);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Dig_and_kdig_transfer_a_zone_and_believe_each_message(string algorithm)
    {
        foreach (string client in new[] { "dig", "kdig" })
        {
            ToolResult result = (await AskAsync(client, $"{algorithm}:test.key:{Secret}", "+tcp", "example.org", "AXFR")).Succeeded();
            Assert.Equal(StreamedZone.Hosts, result.Lines.Count(l => l.Contains("\tA\t", StringComparison.Ordinal) && l[0] != ';'));
            Assert.DoesNotContain("fail", Remarks(result), StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("verify", Remarks(result), StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Dig_cuts_MACs_where_the_key_says_so()
    {
        ToolResult result = (await AskAsync("dig", $"hmac-sha256-128:cut.key:{Secret}", "+notcp", "host7.example.org", "A")).Succeeded();
        Assert.Contains("10.0.0.7", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("WARNING", result.Output, StringComparison.Ordinal);

        result = await AskAsync("dig", $"hmac-sha256-128:test.key:{Secret}", "+notcp", "host7.example.org", "A");
        Assert.Contains("BADTRUNC", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hmac-sha256:no.key:X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=", "BADKEY")]
    [InlineData("hmac-sha256:test.key:AAAAl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=", "BADSIG")]
    [InlineData("hmac-md5:test.key:X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=", "BADKEY")]
    [InlineData("hmac-sha512:cut.key:X28hl0BOfAL5G0jsmJWSacrwn7YRm2f6U5brnzwWEus=", "BADKEY")]
    public async Task Dig_is_told_what_is_wrong(string key, string error)
    {
        ToolResult result = await AskAsync("dig", key, "+notcp", "host7.example.org", "A");
        Assert.Contains("NOTAUTH", result.Output, StringComparison.Ordinal);
        Assert.Contains(error, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("10.0.0.7", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_signature_the_answer_is_REFUSED()
    {
        ToolResult result = (await Tool.RunAsync("dig", "@127.0.0.1", "-p", Port, "host7.example.org", "A")).Succeeded();
        Assert.Contains("REFUSED", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public async Task Dnspython_asks_transfers_and_is_told_the_time(string algorithm)
    {
        string script = Repository.PathOf("tests", "MiniDns.IntegrationTests", "Tsig", "tsig_client.py");
        ToolResult result = (await Tool.RunAsync(Python, "-B", script, "127.0.0.1", Port, algorithm, "test.key.", Secret)).Succeeded();
        Assert.Equal(["answer 10.0.0.7", $"transfer {StreamedZone.Hosts + 1} names", "late PeerBadTime"], result.Lines);
    }

    [Theory]
    [InlineData("test.key", Secret, "hmac-sha512", null)]
    [InlineData("cut.key", Secret, "hmac-sha256-128", null)]
    [InlineData("test.key", "AAAA", "hmac-sha256", "(BADSIG)")]
    [InlineData("no.key", Secret, "hmac-sha256", "(BADKEY)")]
    public async Task Our_own_secondary_transfers_the_zone_or_knows_why_not(string name, string secret, string algorithm, string? failure)
    {
        Assert.True(TsigKey.TryCreate(DnsName.Parse(name), secret, algorithm, out TsigKey? key, out string? error), error);
        TransferPrimary primary = new(Server.Address, new TsigTransferKey(key, TimeProvider.System));
        using var session = new TransferSession(primary, DnsName.Parse("example.org."), new TransferOptions(), TimeProvider.System, UpstreamRandom.Secure);
        SoaResult soa = await session.AskVersionAsync(CancellationToken.None);
        CountingSink sink = new();
        TransferResult result = await session.TransferAsync(null, sink, CancellationToken.None);
        if (failure is null)
        {
            Assert.Null(soa.Failure);
            Assert.Null(result.Failure);
            Assert.Equal(StreamedZone.Hosts + 2, sink.Count);
        }
        else
        {
            Assert.Contains(failure, soa.Failure?.ToString(), StringComparison.Ordinal);
            Assert.NotNull(result.Failure);
            Assert.Equal(0, sink.Count);
        }
    }

    /// <summary>What the client says beside the records, whose MACs may spell anything.</summary>
    private static string Remarks(ToolResult result) => string.Join('\n', result.Lines.Where(l => l[0] == ';').Concat(result.ErrorLines));

    private Task<ToolResult> AskAsync(string client, string key, params string[] rest) =>
        Tool.RunAsync(client, ["@127.0.0.1", "-p", Port, "+norec", "-y", key, .. rest]);

    private sealed class CountingSink : ITransferSink
    {
        public int Count { get; private set; }

        public void Begin(TransferKind kind, uint serial) => Assert.Equal((TransferKind.Full, 1u), (kind, serial));

        public void Add(in TransferRecord record) => Count++;

        public void Remove(in TransferRecord record) => Assert.Fail("a whole zone has nothing to remove");
    }
}
