namespace MiniDns.IntegrationTests.Support;

/// <summary>The hosts of a test, what runs on them, and a directory for their files. At the end all of it goes, what came last first.</summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _parts = [];

    /// <summary>The directory, which programs also run in.</summary>
    public TestDirectory Directory { get; } = new();

    /// <summary>Everything that was said, for a failed test's message.</summary>
    public string Transcript => string.Join('\n', _parts.OfType<RunningProgram>().Select(p => p.Transcript));

    /// <summary>Makes a host.</summary>
    /// <param name="role">What it is, for people who look at <c>ip netns</c>.</param>
    public async Task<NetworkNamespace> HostAsync(string role) => Add(await NetworkNamespace.CreateAsync(role));

    /// <summary>Starts MiniDns on a host, and waits until it serves.</summary>
    public async Task<ServerProcess> ServeAsync(NetworkNamespace host, string corefile) => Add(await ServerProcess.StartAsync(Directory, corefile, [.. host.Exec]));

    /// <summary>Starts a program on a host.</summary>
    public RunningProgram Run(NetworkNamespace host, params IEnumerable<string> command) => Add(new RunningProgram(Directory.Path, [.. host.Exec, .. command]));

    /// <summary>Starts a program on a host, and waits until it listens at a TCP port.</summary>
    public async Task<RunningProgram> ListenAsync(NetworkNamespace host, string address, int port, params IEnumerable<string> command)
    {
        RunningProgram program = Run(host, command);
        await Eventually.TrueAsync(async () => (await host.RunAsync("ss", "-Hltn", $"src {address}:{port}")).Output.Length > 0, () => Transcript);
        return program;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (int i = _parts.Count - 1; i >= 0; i--)
        {
            await _parts[i].DisposeAsync();
        }

        Directory.Dispose();
    }

    private T Add<T>(T part)
        where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}
