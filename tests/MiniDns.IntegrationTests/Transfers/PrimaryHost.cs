using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Transfers;

/// <summary>A host on which MiniDns is the primary of a changing zone on 127.0.0.1, with room for a secondary on another address of 127/8.</summary>
internal sealed class PrimaryHost : IAsyncDisposable
{
    private readonly NetworkNamespace _network;
    private readonly TestDirectory _directory = new();
    private readonly ChangingZone _zone;
    private ServerProcess? _server;

    private PrimaryHost(NetworkNamespace network, ChangingZone zone)
    {
        _network = network;
        _zone = zone;
    }

    public NetworkNamespace Network => _network;

    public TestDirectory Directory => _directory;

    public ChangingZone Zone => _zone;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("not started");

    /// <summary>Starts the primary.</summary>
    /// <param name="to">The addresses for <c>to</c>.</param>
    /// <param name="seed">What the zone depends on.</param>
    /// <param name="key">What requests have to be signed with, and notifications are; null for nothing.</param>
    /// <param name="hosts">How large the zone is.</param>
    public static async Task<PrimaryHost> StartAsync(string to, int seed, TransferKey? key = null, int hosts = 300)
    {
        var host = new PrimaryHost(await NetworkNamespace.CreateAsync("primary"), new ChangingZone(seed, hosts));
        try
        {
            // BIND listens only on addresses that an interface has been given.
            await host._network.AddAddressAsync(Secondary.AddressOf("bind") + "/8", "lo");
            host.Change();
            host._server = await ServerProcess.StartAsync(host._directory, $$"""
                {{ChangingZone.Origin}} {
                    bind 127.0.0.1
                    errors
                    {{(key is null ? "" : $"tsig {{\nsecret {TransferKey.Name} {TransferKey.Secret} {key.Algorithm}\n}}")}}
                    file {{host._directory["db.zone"]}} {
                        reload 50ms
                    }
                    transfer {
                        to {{to}} {{(key is null ? "" : "key " + TransferKey.Name)}}
                        source 127.0.0.1
                    }
                }
                """, [.. host._network.Exec]);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes the zone file, at one blow.</summary>
    public void Change()
    {
        string next = _directory.Write("db.zone.next", _zone.Next());
        File.Move(next, _directory["db.zone"], overwrite: true);
    }

    /// <summary>Waits until a server has the newest version.</summary>
    public Task HasNewestAsync(string address, Func<string> transcript)
    {
        string serial = _zone.Serial.ToString(CultureInfo.InvariantCulture);
        return Eventually.TrueAsync(
            async () =>
            {
                string answer = (await _network.RunAsync("dig", "@" + address, "+short", "+time=1", "+tries=1", ChangingZone.Origin, "SOA")).Output;
                return answer.Split(' ') is { Length: > 2 } words && words[2] == serial;
            },
            () => $"{address} does not have serial {serial}\n{transcript()}\n{Server.Transcript}");
    }

    /// <summary>All records of the zone as a server sends them.</summary>
    public async Task<IReadOnlyList<string>> RecordsAsync(string address)
    {
        IReadOnlyList<string> lines = (await _network.RunAsync("dig", "@" + address, "+noall", "+answer", ChangingZone.Origin, "AXFR")).Succeeded().Lines;
        Assert.True(lines.Count > 200, string.Join('\n', lines));
        return [.. lines.Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))).Order(StringComparer.Ordinal)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _network.DisposeAsync();
        _directory.Dispose();
    }
}
