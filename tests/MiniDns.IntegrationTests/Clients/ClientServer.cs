using System.Globalization;
using System.Text;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Clients;

/// <summary>One running server that all clients of the machine ask.</summary>
public sealed class ClientServer : IAsyncLifetime
{
    /// <summary>So many addresses do not fit into 512 octets, nor into 1232.</summary>
    public const int ManyAddresses = 120;

    private readonly TestDirectory _directory = new();
    private ServerProcess? _server;

    /// <summary>The port on 127.0.0.1.</summary>
    public string Port => Running.Addresses[0].Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>The port on ::1.</summary>
    public string PortOfIPv6 => Running.Addresses[1].Port.ToString(CultureInfo.InvariantCulture);

    private ServerProcess Running => _server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        var hosts = new StringBuilder();
        for (int i = 1; i <= ManyAddresses; i++)
        {
            hosts.Append(CultureInfo.InvariantCulture, $"10.1.2.{i} many.mycompany.com\n");
        }

        _directory.Write("many.hosts", hosts.ToString());
        string names = """
                nsid rack 7
                chaos Resolver-7 "Jane Doe"
                search mycompany.com
                local
                hosts many.hosts {
                    192.168.1.10 web.mycompany.com web-alias.mycompany.com
                    192.168.1.11 db.mycompany.com
                    fd00::11 db.mycompany.com
                    ttl 120
                    fallthrough
                }
            """;
        _server = await ServerProcess.StartAsync(_directory, $$"""
            .:0 {
                bind 127.0.0.1
            {{names}}
            }
            .:0 {
                bind ::1
            {{names}}
            }
            only.example:0 {
                bind 127.0.0.2
                whoami
            }
            """);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }

    /// <summary>The port of the server on 127.0.0.2, which knows only.example alone.</summary>
    public string PortOfOnlyExample => Running.Addresses[2].Port.ToString(CultureInfo.InvariantCulture);
}
