using System.Globalization;
using MiniDns.IntegrationTests.Support;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Encrypted;

/// <summary>A running server of DNS over TLS and over HTTPS, with a certificate that real clients check.</summary>
public sealed class EncryptedServer : IAsyncLifetime
{
    /// <summary>The name in the certificate.</summary>
    public const string Name = "dns.example.org";

    private readonly TestAuthority _authority = new();
    private ServerProcess? _server;

    internal TestDirectory Directory { get; } = new();

    internal ServerProcess Running => _server ?? throw new InvalidOperationException("not started");

    /// <summary>The port of DNS over TLS on 127.0.0.1.</summary>
    public string TlsPort => PortOf(0);

    /// <summary>The port of DNS over HTTPS on 127.0.0.1.</summary>
    public string HttpsPort => PortOf(1);

    /// <summary>The port of DNS over TLS for clients with a certificate.</summary>
    public string ClientsPort => PortOf(2);

    /// <summary>The port of a server that forwards to the first, over TLS.</summary>
    public string ForwarderPort => PortOf(3);

    public async Task InitializeAsync()
    {
        Directory.Write("ca.pem", _authority.Pem);
        _authority.IssueTo(Directory["cert.pem"], Directory["key.pem"], [Name]);
        _authority.IssueTo(Directory["client.pem"], Directory["client.key"], ["client.example.org"]);
        using (var stranger = new TestAuthority("stranger"))
        {
            stranger.IssueTo(Directory["stranger.pem"], Directory["stranger.key"], ["client.example.org"]);
        }

        const string Names = """
                    hosts {
                        192.0.2.1 web.example.org
                        ttl 120
                    }
                    whoami
            """;
        string port = FreePort();
        _server = await ServerProcess.StartAsync(Directory, $$"""
            tls://.:{{port}} {
                bind 127.0.0.1
                tls cert.pem key.pem
                timeouts {
                    idle 1s
                }
                log
            {{Names}}
            }
            https://.:0 {
                bind 127.0.0.1
                tls cert.pem key.pem
                log
            {{Names}}
            }
            tls://.:0 {
                bind 127.0.0.1
                tls cert.pem key.pem ca.pem {
                    client_auth require_and_verify
                }
            {{Names}}
            }
            .:0 {
                bind 127.0.0.1
                forward . tls://127.0.0.1:{{port}} {
                    tls ca.pem
                    tls_servername {{Name}}
                }
            }
            """);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _authority.Dispose();
        Directory.Dispose();
    }

    /// <summary>Puts another certificate in place, for these names.</summary>
    internal void Renew(params IReadOnlyList<string> names)
    {
        _authority.IssueTo(Directory["next.pem"], Directory["next.key"], names);
        File.Move(Directory["next.key"], Directory["key.pem"], overwrite: true);
        File.Move(Directory["next.pem"], Directory["cert.pem"], overwrite: true);
    }

    private static string FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        socket.Start();
        return ((System.Net.IPEndPoint)socket.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }

    private string PortOf(int block) => Running.Addresses[block].Port.ToString(CultureInfo.InvariantCulture);
}
