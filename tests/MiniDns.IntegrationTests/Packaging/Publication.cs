using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>What the Dockerfile's first stage makes: its copies of the repository, and its publish command run on them.</summary>
public sealed class Publication : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TestDirectory _source = new();
    private readonly TestDirectory _output = new();

    /// <summary>The directory that becomes /opt/minidns.</summary>
    internal string Directory => _output.Path;

    /// <summary>The program, with the capability that the Dockerfile gives it.</summary>
    internal string Executable => _output["minidns"];

    internal static Dockerfile Dockerfile { get; } = Dockerfile.Read(Repository.PathOf("Dockerfile"));

    public async Task InitializeAsync()
    {
        Machine.DemandRoot();
        DockerStage build = Dockerfile.Stages[0];
        foreach ((_, string[] sources, string destination) in build.Copies.Where(c => c.From is null && !c.Destination.StartsWith('/')))
        {
            foreach (string source in sources)
            {
                string target = System.IO.Path.GetFullPath(System.IO.Path.Combine(_source.Path, destination));
                CopyWithoutBuilt(Repository.PathOf(source), source.EndsWith('/') ? target : System.IO.Path.Combine(target, System.IO.Path.GetFileName(source)));
            }
        }

        string publish = build.All("RUN").Single(r => r.StartsWith("dotnet publish ", StringComparison.Ordinal));
        string[] words = publish
            .Replace("/opt/minidns", _output.Path, StringComparison.Ordinal)
            .Replace("$REVISION", "0123456789abcdef", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // The packages are those that the tests were built with; and no build server may stay behind.
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string[] environment = ["HOME=" + home, "MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_USE_MSBUILD_SERVER=0"];
        (await Tool.RunInAsync(_source.Path, "env", [.. environment, Repository.DotnetHost, .. words.Skip(1)], Patience)).Succeeded();

        string setcap = build.All("RUN").Single(r => r.StartsWith("setcap ", StringComparison.Ordinal));
        (await Tool.RunAsync("setcap", setcap.Replace("/opt/minidns", _output.Path, StringComparison.Ordinal).Split(' ').Skip(1))).Succeeded();
    }

    public Task DisposeAsync()
    {
        _source.Dispose();
        _output.Dispose();
        return Task.CompletedTask;
    }

    private static void CopyWithoutBuilt(string source, string target)
    {
        if (File.Exists(source))
        {
            System.IO.Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(source, target);
            return;
        }

        foreach (string entry in System.IO.Directory.EnumerateFileSystemEntries(source))
        {
            string name = System.IO.Path.GetFileName(entry);
            if (name is not ("bin" or "obj"))
            {
                CopyWithoutBuilt(entry, System.IO.Path.Combine(target, name));
            }
        }
    }
}
