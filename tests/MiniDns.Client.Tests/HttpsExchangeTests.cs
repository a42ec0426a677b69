using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using MiniDns.Client.Secure;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Testing;

namespace MiniDns.Client.Tests;

/// <summary>RFC 8484: queries over HTTPS.</summary>
public sealed class HttpsExchangeTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly string _path = Path.GetTempFileName();

    public void Dispose()
    {
        _authority.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData(false, HttpProtocols.Http1AndHttp2, "POST /dns-query HTTP/2")]
    [InlineData(true, HttpProtocols.Http1AndHttp2, "GET /dns-query HTTP/2")]
    [InlineData(false, HttpProtocols.Http1, "POST /dns-query HTTP/1.1")]
    [InlineData(true, HttpProtocols.Http1, "GET /dns-query HTTP/1.1")]
    public async Task An_answer_comes_back(bool get, HttpProtocols protocols, string expected)
    {
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate(), AnswerAsync, protocols);
        using var tester = new ExchangeTester(Options(upstream) with { HttpsGet = get });
        Assert.Equal("192.0.2.3", (await tester.AskAsync("www.example.org.")).Address);
        Assert.Equal("192.0.2.2", (await tester.AskAsync("ww.example.org.", UpstreamProtocol.Tcp)).Address);
        Assert.All(upstream.Requests, r => Assert.Equal(expected, r));
        Assert.Equal(2, upstream.Requests.Count);
        Assert.Equal(1, upstream.Connections);
        Assert.Equal(1, tester.Opened);
        Assert.Equal(1, tester.Reused);
    }

    [Fact]
    public async Task Many_queries_share_a_connection()
    {
        const int Count = 50;
        int waiting = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate(), async (query, response) =>
        {
            if (Interlocked.Increment(ref waiting) == Count)
            {
                all.SetResult();
            }

            await all.Task;
            return await AnswerAsync(query, response);
        });
        using var tester = new ExchangeTester(Options(upstream) with { ReadTimeout = TimeSpan.FromMinutes(1) });
        ExchangeResult[] results = await Task.WhenAll(Enumerable.Range(0, Count).Select(i => tester.AskAsync($"{i:00}.example.org.")));
        Assert.All(results, r => Assert.Equal("192.0.2.2", r.Address));
        Assert.Equal(1, upstream.Connections);
    }

    [Fact]
    public async Task What_is_no_answer_to_the_question_is_none()
    {
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate(), async (query, response) =>
        {
            byte[] answer = await AnswerAsync(query, response);
            switch ((char)query[DnsHeader.Size + 1])
            {
                case 's':
                    response.StatusCode = 503;
                    break;
                case 't':
                    response.ContentType = "text/html";
                    break;
                case 'l':
                    return new byte[70_000];
                case 'e':
                    return [];
                default:
                    answer[DnsHeader.Size + 2] ^= 1;
                    break;
            }

            return answer;
        });
        using var tester = new ExchangeTester(Options(upstream));
        foreach (string name in new[] { "status.", "type.", "long.", "empty.", "other." })
        {
            Assert.Equal(ExchangeStatus.Closed, (await tester.AskAsync(name)).Status);
        }

        Assert.Equal(5, tester.Ignored);
    }

    [Fact]
    public async Task A_certificate_for_somebody_else_is_turned_down()
    {
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate("other.example"), AnswerAsync);
        using var tester = new ExchangeTester(Options(upstream));
        Assert.Equal(ExchangeStatus.Untrusted, (await tester.AskAsync("www.example.org.")).Status);
        Assert.Contains("is for 'other.example'", Assert.Single(tester.Reasons), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Silence_times_out_and_a_closed_port_is_told_apart()
    {
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate(), async (_, response) =>
        {
            await Task.Delay(Timeout.Infinite, response.HttpContext.RequestAborted);
            return [];
        });
        using var tester = new ExchangeTester(Options(upstream) with { ReadTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Equal(ExchangeStatus.TimedOut, (await tester.AskAsync("www.example.org.")).Status);
        await using var closed = new FakeUpstream(_ => Task.CompletedTask, tcp: false);
        using var other = new ExchangeTester(Options(upstream) with { Address = closed.Address });
        Assert.Equal(ExchangeStatus.Refused, (await other.AskAsync("www.example.org.")).Status);
    }

    [Fact]
    public async Task Queries_under_way_are_bounded()
    {
        var release = new TaskCompletionSource();
        await using FakeHttpsUpstream upstream = await FakeHttpsUpstream.StartAsync(Certificate(), async (query, response) =>
        {
            await release.Task;
            return await AnswerAsync(query, response);
        });
        using var tester = new ExchangeTester(Options(upstream) with { MaxInFlightHttps = 3 });
        Task<ExchangeResult>[] asked = [.. Enumerable.Range(0, 5).Select(i => tester.AskAsync($"{i}.example.org."))];
        release.SetResult();
        ExchangeResult[] results = await Task.WhenAll(asked);
        Assert.Equal(2, results.Count(r => r.Status == ExchangeStatus.Busy));
        Assert.Equal(2, tester.Full);
        tester.Upstream.Dispose();
        Assert.Equal(ExchangeStatus.Stopped, (await tester.AskAsync("www.example.org.")).Status);
    }

    /// <summary>An A record, 192.0.2 and the length of the first label.</summary>
    private static Task<byte[]> AnswerAsync(byte[] query, HttpResponse response)
    {
        Assert.Equal(0, query[0] | query[1]);
        Assert.True(DnsNameView.TryRead(query.AsSpan(DnsHeader.Size), out DnsNameView name));
        byte[] answer = [.. query.AsSpan(0, DnsHeader.Size + name.Length + 4), 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, name.Wire[0]];
        new DnsHeader(0, DnsHeader.ResponseFlag, 1, 1, 0, 0).Write(answer);
        return Task.FromResult(answer);
    }

    private X509Certificate2 Certificate(string name = "127.0.0.1") => _authority.Issue([name]);

    private UpstreamOptions Options(FakeHttpsUpstream upstream)
    {
        File.WriteAllText(_path, _authority.Pem);
        Assert.True(TlsFiles.TryLoad(null, null, _path, TimeProvider.System, out TlsFiles? files, out string? error), error);
        return new UpstreamOptions { Address = upstream.Address, Scheme = UpstreamScheme.Https, Tls = files, ReadTimeout = TimeSpan.FromSeconds(20) };
    }
}
