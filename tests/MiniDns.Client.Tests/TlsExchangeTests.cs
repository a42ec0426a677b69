using System.Collections.Concurrent;
using System.Net.Security;
using MiniDns.Client.Secure;
using MiniDns.Testing;

namespace MiniDns.Client.Tests;

/// <summary>RFC 7858: queries over TLS, to servers that are who they say.</summary>
public sealed class TlsExchangeTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-tls-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("127.0.0.1", null)]
    [InlineData("dns.example", "dns.example")]
    public async Task An_answer_comes_back_whatever_was_asked_for_goes_over_TLS(string certified, string? serverName)
    {
        await using FakeUpstream upstream = Serve(certified);
        using var tester = new ExchangeTester(Options(upstream, serverName));
        Assert.Equal("192.0.2.9", (await tester.AskAsync("www.example.org.", UpstreamProtocol.Udp)).Address);
        Assert.Equal("192.0.2.9", (await tester.AskAsync("www.example.org.", UpstreamProtocol.Tcp)).Address);
        Assert.Equal(1, upstream.Connections);
        Assert.All(upstream.Queries, q => Assert.True(q.IsTcp));
        Assert.Null(Assert.Single(upstream.Shown));
    }

    [Fact]
    public async Task Many_queries_are_under_way_on_one_connection_and_answers_come_in_any_order()
    {
        const int Count = 50;
        var held = new ConcurrentStack<FakeQuery>();
        await using FakeUpstream upstream = Serve("127.0.0.1", async q =>
        {
            held.Push(q);
            if (held.Count == Count)
            {
                foreach (FakeQuery query in held)
                {
                    await query.SendAsync(query.Answer($"192.0.2.{query.Name.Split('.')[0]}"));
                }
            }
        });
        using var tester = new ExchangeTester(Options(upstream) with { ReadTimeout = TimeSpan.FromMinutes(1) });
        ExchangeResult[] results = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => tester.AskAsync($"{i}.example.org.")));
        for (int i = 0; i < Count; i++)
        {
            Assert.Equal($"192.0.2.{i}", results[i].Address);
        }

        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task A_certificate_for_somebody_else_is_turned_down()
    {
        await using FakeUpstream upstream = Serve("other.example");
        using var tester = new ExchangeTester(Options(upstream, "dns.example"));
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Equal("its certificate is for 'other.example', not for 'dns.example'", Assert.Single(tester.Reasons));
        Assert.Empty(upstream.Queries);
    }

    [Fact]
    public async Task A_certificate_for_another_address_is_turned_down()
    {
        await using FakeUpstream upstream = Serve("127.0.0.2");
        using var tester = new ExchangeTester(Options(upstream));
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Contains("not for '127.0.0.1'", Assert.Single(tester.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_an_unknown_authority_is_turned_down()
    {
        await using FakeUpstream upstream = Serve("127.0.0.1");
        using var tester = new ExchangeTester(Options(upstream) with { Tls = null });
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Contains("issued by 'CN=MiniDns tests', which leads to no authority", Assert.Single(tester.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_whose_time_is_over_is_turned_down()
    {
        await using FakeUpstream upstream = Serve("127.0.0.1", expired: true);
        using var tester = new ExchangeTester(Options(upstream));
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Contains("valid from", Assert.Single(tester.Reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_told_from_one_that_is_down()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync([0x16, 3, 3, 0, 1]));
        using var tester = new ExchangeTester(Options(upstream) with { ReadTimeout = TimeSpan.FromSeconds(1) });
        ExchangeStatus status = (await tester.AskAsync("www.example.org.")).Status;
        Assert.True(status is ExchangeStatus.Untrusted or ExchangeStatus.TimedOut or ExchangeStatus.Closed, status.ToString());
    }

    [Fact]
    public async Task A_client_certificate_is_shown()
    {
        string certificate = Path.Combine(_directory, "cert.pem");
        string key = Path.Combine(_directory, "key.pem");
        _authority.IssueTo(certificate, key, ["client.example"]);
        await using FakeUpstream upstream = Serve("127.0.0.1", wantsCertificate: true);
        using var tester = new ExchangeTester(Options(upstream) with { Tls = Files(certificate, key) });
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Equal("CN=client.example", Assert.Single(upstream.Shown)?.Subject);
    }

    [Fact]
    public async Task Changed_files_are_read_again_for_the_next_connection()
    {
        var time = new TestTimeProvider();
        using var later = new TestAuthority("the next authority");
        string path = Path.Combine(_directory, "changing.pem");
        File.WriteAllText(path, _authority.Pem);
        Assert.True(TlsFiles.TryLoad(null, null, path, time, out TlsFiles? files, out string? error), error);
        await using FakeUpstream upstream = Serve("127.0.0.1", authority: later);
        using var tester = new ExchangeTester(Options(upstream) with { Tls = files });
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        File.WriteAllText(path, later.Pem);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(7));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(ExchangeStatus.Answered, (await tester.AskAsync("www.example.org.")).Status);

        // A file that is no good any more does no harm.
        File.WriteAllText(path, "nothing");
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(14));
        time.Advance(TimeSpan.FromMinutes(1));
        using var another = new ExchangeTester(tester.Upstream.Options);
        Assert.Equal(ExchangeStatus.Answered, (await another.AskAsync("www.example.org.")).Status);
    }

    [Theory]
    [InlineData("missing.pem", "cannot be read")]
    [InlineData("empty.pem", "holds no certificate in PEM")]
    public void Files_that_are_no_good_are_named(string name, string expected)
    {
        File.WriteAllText(Path.Combine(_directory, "empty.pem"), "hello");
        Assert.False(TlsFiles.TryLoad(null, null, Path.Combine(_directory, name), TimeProvider.System, out _, out string? error));
        Assert.Contains(name, error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_of_another_certificate_is_named()
    {
        string[] paths = [.. new[] { "a.pem", "a.key", "b.pem", "b.key" }.Select(n => Path.Combine(_directory, n))];
        _authority.IssueTo(paths[0], paths[1], ["a.example"]);
        _authority.IssueTo(paths[2], paths[3], ["b.example"]);
        Assert.False(TlsFiles.TryLoad(paths[0], paths[3], null, TimeProvider.System, out _, out string? error));
        Assert.Contains($"'{paths[3]}' is not the private key of '{paths[0]}'", error, StringComparison.Ordinal);
    }

    private FakeUpstream Serve(
        string name,
        Func<FakeQuery, Task>? script = null,
        bool expired = false,
        bool wantsCertificate = false,
        TestAuthority? authority = null) =>
        new(
            script ?? (q => q.SendAsync(q.Answer("192.0.2.9"))),
            tls: new SslServerAuthenticationOptions
            {
                ServerCertificate = (authority ?? _authority).Issue([name], expired),
                ClientCertificateRequired = wantsCertificate,
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
            });

    private UpstreamOptions Options(FakeUpstream upstream, string? serverName = null) => new()
    {
        Address = upstream.Address,
        Scheme = UpstreamScheme.Tls,
        ServerName = serverName,
        Tls = Files(null, null),
        ReadTimeout = TimeSpan.FromSeconds(20),
    };

    private TlsFiles Files(string? certificate, string? key)
    {
        string path = Path.Combine(_directory, "ca.pem");
        File.WriteAllText(path, _authority.Pem);
        Assert.True(TlsFiles.TryLoad(certificate, key, path, TimeProvider.System, out TlsFiles? files, out string? error), error);
        return files;
    }
}
