using System.Net;
using MiniDns.Plugins;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Support;

/// <summary>A whole server with a certificate of a test's authority.</summary>
internal sealed class SecureServer : IAsyncDisposable
{
    /// <summary>The name in the certificate.</summary>
    public const string Name = "dns.example";

    private SecureServer(TestAuthority authority, DnsTestServer server) => (Authority, Server) = (authority, server);

    /// <summary>Who issued the certificate.</summary>
    public TestAuthority Authority { get; }

    public DnsTestServer Server { get; }

    public IPEndPoint Address => Server.Address;

    /// <summary>Starts a server whose directory has <c>cert.pem</c>, <c>key.pem</c> and <c>ca.pem</c>.</summary>
    public static async Task<SecureServer> StartAsync(string corefile, params IDnsPlugin[] plugins)
    {
        var authority = new TestAuthority();
        (string certificate, string key) = authority.IssuePem([Name]);
        var files = new Dictionary<string, string>(StringComparer.Ordinal) { ["cert.pem"] = certificate, ["key.pem"] = key, ["ca.pem"] = authority.Pem };
        return new SecureServer(authority, await DnsTestServer.StartAsync(corefile, files, Corefiles.With(plugins)));
    }

    /// <summary>A block of DNS over TLS.</summary>
    public static string Block(string directives = "whoami", string tls = "", string scheme = "tls") => $$"""
        {{scheme}}://.:0 {
            bind 127.0.0.1
            root {DIR}
            tls cert.pem key.pem {{tls}}
            {{directives}}
        }
        """;

    public string PathOf(string file) => Path.Combine(Server.Directory, file);

    /// <summary>Puts a new certificate in place of the old one, as certbot does: the key first.</summary>
    public void Renew(params IReadOnlyList<string> names)
    {
        (string certificate, string key) = Authority.IssuePem(names);
        Replace("key.pem", key);
        Replace("cert.pem", certificate);
    }

    public void Replace(string file, string text)
    {
        File.WriteAllText(PathOf(file + ".next"), text);
        File.Move(PathOf(file + ".next"), PathOf(file), overwrite: true);
    }

    public double Metric(string name, params (string Key, string Value)[] labels) => Server.Metrics.Snapshot()
        .Where(s => s.Name == name && labels.All(l => s.Labels.Contains(new KeyValuePair<string, string>(l.Key, l.Value))))
        .Sum(s => s.Read());

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Authority.Dispose();
    }
}
