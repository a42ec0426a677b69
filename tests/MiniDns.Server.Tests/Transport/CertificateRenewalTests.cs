using System.Globalization;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Transport;

/// <summary>Files of <c>tls</c> that change while the server runs.</summary>
public class CertificateRenewalTests
{
    [Fact]
    public async Task A_renewed_certificate_is_shown_to_new_clients_under_load_and_no_connection_is_lost()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        using var stop = new CancellationTokenSource();
        int asked = 0;
        Task[] clients = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(AskOnAsync))];
        for (int renewal = 1; renewal <= 5; renewal++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"renewal-{renewal}.example");
            server.Renew(name);
            await ShowsAsync(server, name);
        }

        int before = Volatile.Read(ref asked);
        await Eventually.TrueAsync(() => Volatile.Read(ref asked) > before + 100, "clients go on");
        await stop.CancelAsync();
        await Task.WhenAll(clients).WaitAsync(Eventually.Patience);

        async Task AskOnAsync()
        {
            // One connection for all of it: a reply that does not come, or a closed connection, fails the test.
            await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
            for (ushort id = 0; !stop.IsCancellationRequested; id++)
            {
                Assert.Equal(id, Ask.Id(await client.AskAsync(Ask.For("example.org.", id))));
                Interlocked.Increment(ref asked);
            }
        }
    }

    [Fact]
    public async Task What_cannot_be_used_leaves_the_old_one_in_use_and_is_said_once()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        string good = await File.ReadAllTextAsync(server.PathOf("cert.pem"));
        server.Replace("cert.pem", good[..(good.Length / 2)]);
        await Eventually.TrueAsync(() => server.Server.Log.Lines.Any(), "a half of a certificate is noticed");
        await using (TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address))
        {
            Assert.Contains(SecureServer.Name, client.Shown.Subject, StringComparison.Ordinal);
            Assert.Equal(1, Ask.Id(await client.AskAsync(Ask.For("example.org."))));
        }

        // The same again is not said again: what follows would be the third line.
        server.Replace("cert.pem", good[..(good.Length / 2)]);
        File.Delete(server.PathOf("key.pem"));
        server.Replace("cert.pem", good);
        await Eventually.TrueAsync(() => server.Server.Log.Lines.Any(l => l.Contains("key.pem' cannot be read", StringComparison.Ordinal)), "a missing key is noticed");
        Assert.Equal(2, server.Server.Log.Lines.Count());
        Assert.All(server.Server.Log.Lines, l => Assert.EndsWith("what was read before stays in use", l, StringComparison.Ordinal));

        server.Renew("renewed.example");
        await ShowsAsync(server, "renewed.example");
        await Eventually.TrueAsync(() => server.Server.Log.Lines.Any(l => l.StartsWith("[Information] plugin/tls: read ", StringComparison.Ordinal)), "the new one is noted");
    }

    [Fact]
    public async Task Authorities_of_clients_are_followed_too()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block(tls: "ca.pem {\n client_auth require_and_verify\n}"));
        using var other = new TestAuthority("another authority");
        server.Replace("ca.pem", server.Authority.Pem + "\n" + other.Pem);
        using System.Security.Cryptography.X509Certificates.X509Certificate2 certificate = other.Issue(["client.example"]);
        await Eventually.TrueAsync(
            () =>
            {
                try
                {
                    using Task<byte[]> ask = AskAsync();
                    ask.Wait(Eventually.Patience);
                    return true;
                }
                catch (Exception)
                {
                    return false;
                }
            },
            "the client of the other authority is let in");

        async Task<byte[]> AskAsync()
        {
            await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address, certificate);
            return await client.AskAsync(Ask.For("example.org."));
        }
    }

    [Fact]
    public async Task The_end_of_the_certificate_is_a_metric()
    {
        await using SecureServer server = await SecureServer.StartAsync(SecureServer.Block());
        await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
        double end = new DateTimeOffset(client.Shown.NotAfter.ToUniversalTime()).ToUnixTimeSeconds();
        Assert.Equal(end, server.Metric("minidns_tls_certificate_not_after_timestamp_seconds"));
    }

    private static async Task ShowsAsync(SecureServer server, string name)
    {
        string shown = "";
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!shown.Contains(name, StringComparison.Ordinal))
        {
            Assert.True(watch.Elapsed < Eventually.Patience, $"'{shown}' is shown, not '{name}'");
            await using TlsClientStream client = await TlsClientStream.ConnectAsync(server.Address);
            shown = client.Shown.Subject;
        }
    }
}
