using System.Globalization;

namespace MiniDns.IntegrationTests.Support;

/// <summary>This machine's file system as others may see it: what is written to it stays in memory and is gone at the end. Root only.</summary>
/// <remarks>An overlay in a mount namespace that one sleeping process keeps; nothing outside sees it.</remarks>
internal sealed class ScratchMachine : IAsyncDisposable
{
    private const string Script = """
        set -e
        mount -t tmpfs -o mode=755 tmpfs "$1"
        mkdir "$1/upper" "$1/work" "$1/root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
        for directory in proc sys dev; do mount --rbind "/$directory" "$1/root/$directory"; done
        mount -t tmpfs -o mode=755 tmpfs "$1/root/run"
        mount -t tmpfs -o mode=1777 tmpfs "$1/root/tmp"
        cd "$1/root"
        exec chroot "$1/root" sh -c 'echo ready; exec sleep infinity'
        """;

    private readonly TestDirectory _directory = new();
    private readonly RunningProgram _holder;

    private ScratchMachine()
    {
        _holder = new RunningProgram("/", ["unshare", "--mount", "--propagation", "private", "sh", "-c", Script, "sh", _directory.Path]);
    }

    /// <summary>Its files, from outside.</summary>
    public string Root => string.Create(CultureInfo.InvariantCulture, $"/proc/{_holder.Id}/root");

    /// <summary>What to put in front of a command that is to run in it, where the directory for temporary files is its own.</summary>
    public IReadOnlyList<string> Exec => ["nsenter", "--target", _holder.Id.ToString(CultureInfo.InvariantCulture), "--mount", "--root", "--wd=/", "env", "--unset=TMPDIR"];

    public static async Task<ScratchMachine> CreateAsync()
    {
        Machine.DemandRoot();
        var machine = new ScratchMachine();
        try
        {
            await machine._holder.LineAsync(l => l == "ready");
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program in it.</summary>
    public Task<ToolResult> RunAsync(string program, params IEnumerable<string> arguments) => Tool.RunAsync(Exec[0], [.. Exec.Skip(1), program, .. arguments]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        _directory.Dispose();
    }
}
