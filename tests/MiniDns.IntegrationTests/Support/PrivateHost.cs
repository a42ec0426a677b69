namespace MiniDns.IntegrationTests.Support;

/// <summary>One host whose ports are all free, and a directory; for tests that start servers on known ports one after another.</summary>
public sealed class PrivateHost : IAsyncLifetime
{
    private NetworkNamespace? _network;

    internal NetworkNamespace Network => _network ?? throw new InvalidOperationException("not started");

    internal TestDirectory Directory { get; } = new();

    public async Task InitializeAsync()
    {
        _network = await NetworkNamespace.CreateAsync("host");

        // Some systems let everybody bind low ports; these tests are about those that do not.
        await _network.SetKernelParameterAsync("net/ipv4/ip_unprivileged_port_start", "1024");
    }

    public async Task DisposeAsync()
    {
        if (_network is not null)
        {
            await _network.DisposeAsync();
        }

        Directory.Dispose();
    }

    /// <summary>How to start the server here, in the directory.</summary>
    internal ServerLaunch Launch(params IReadOnlyList<string> arguments) => new() { Directory = Directory.Path, Prefix = Network.Exec, Arguments = arguments };
}
