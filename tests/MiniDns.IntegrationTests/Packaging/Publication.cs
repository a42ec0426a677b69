using System.Text.Json;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The image that the Dockerfile makes, built by buildah.</summary>
public sealed class Publication : IAsyncLifetime
{
    /// <summary>Far more than a build takes; one that goes on then hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TestDirectory _directory = new();

    /// <summary>The image's files.</summary>
    internal string Root => _directory["rootfs"];

    /// <summary>The program, with the capability that the Dockerfile gives it.</summary>
    internal string Executable => _directory["rootfs/opt/minidns/minidns"];

    /// <summary>The user that the image runs as.</summary>
    internal string User { get; private set; } = "";

    /// <summary>Where the program starts.</summary>
    internal string WorkingDirectory { get; private set; } = "";

    /// <summary>The environment that it is given, as <c>NAME=value</c>.</summary>
    internal IReadOnlyList<string> Environment { get; private set; } = [];

    /// <summary>What is started.</summary>
    internal IReadOnlyList<string> EntryPoint { get; private set; } = [];

    /// <summary>What tells whether the server is well.</summary>
    internal IReadOnlyList<string> HealthCheck { get; private set; } = [];

    internal static Dockerfile Dockerfile { get; } = Dockerfile.Read(Repository.PathOf("Dockerfile"));

    public async Task InitializeAsync()
    {
        Machine.DemandRoot();

        // The packages are those that the tests were built with. The output goes to a file: a pipe would be held open by whatever stays behind.
        string home = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
        string script = Repository.PathOf("tests", "MiniDns.IntegrationTests", "Packaging", "build_image.sh");
        string log = _directory["log"];
        ToolResult result = await Tool.RunInAsync(
            _directory.Path, "env", ["HOME=" + home, "bash", "-c", "exec \"$0\" \"$@\" >log 2>&1", script, Repository.DotnetHost, _directory.Path], Patience);
        Assert.True(result.ExitCode == 0, $"{result}\n{await File.ReadAllTextAsync(log)}");

        using JsonDocument image = JsonDocument.Parse(await File.ReadAllTextAsync(_directory["image.json"]));
        JsonElement config = image.RootElement.GetProperty("Docker").GetProperty("config");
        User = config.GetProperty("User").GetString()!;
        WorkingDirectory = config.GetProperty("WorkingDir").GetString()!;
        Environment = Strings(config.GetProperty("Env"));
        EntryPoint = Strings(config.GetProperty("Entrypoint"));
        Assert.Equal("CMD", config.GetProperty("Healthcheck").GetProperty("Test")[0].GetString());
        HealthCheck = [.. Strings(config.GetProperty("Healthcheck").GetProperty("Test")).Skip(1)];
    }

    public Task DisposeAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetString()!)];
}
