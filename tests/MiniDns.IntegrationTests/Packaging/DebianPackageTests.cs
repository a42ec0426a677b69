using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The Debian package: built by its script, installed, used, removed and purged by dpkg on a machine of its own.</summary>
public sealed class DebianPackageTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task It_comes_serves_and_goes()
    {
        await using ScratchMachine machine = await ScratchMachine.CreateAsync();
        string package = await BuildAsync(machine.Root + "/tmp");
        Assert.Equal("minidns_0.1.0_all.deb", Path.GetFileName(package));
        string before = await FilesAsync(machine);

        // The runtime comes from another package; without it dpkg unpacks and waits.
        ToolResult alone = await machine.RunAsync("dpkg", "--install", "/tmp/" + Path.GetFileName(package));
        Assert.NotEqual(0, alone.ExitCode);
        Assert.Contains("aspnetcore-runtime-10.0", alone.Error, StringComparison.Ordinal);
        await InstallRuntimeAsync(machine);
        (await machine.RunAsync("dpkg", "--configure", "--pending")).Succeeded();
        Assert.Equal("install ok installed", (await machine.RunAsync("dpkg-query", "--show", "--showformat=${Status}", "minidns")).Succeeded().Output);
        Assert.Contains(" /etc/minidns/Corefile ", (await machine.RunAsync("dpkg-query", "--show", "--showformat=${Conffiles}", "minidns")).Output, StringComparison.Ordinal);
        Assert.Equal("640 root minidns\n", (await machine.RunAsync("stat", "--format=%a %U %G", "/etc/minidns/Corefile")).Output);
        Assert.Matches("^minidns:x:[0-9]+:[0-9]+:MiniDns:/var/lib/minidns:/usr/sbin/nologin\n$", (await machine.RunAsync("getent", "passwd", "minidns")).Output);
        await UnitIsGoodAsync(machine);
        await ServesAsync(machine);

        // What the administrator has written stays through a removal and a new installation; a purge takes it.
        await File.AppendAllTextAsync(machine.Root + "/etc/minidns/Corefile", "\n# mine\n");
        (await machine.RunAsync("dpkg", "--remove", "minidns")).Succeeded();
        Assert.False(Path.Exists(machine.Root + "/usr/lib/minidns"));
        Assert.False(Path.Exists(machine.Root + "/usr/bin/minidns"));
        (await machine.RunAsync("dpkg", "--install", "/tmp/" + Path.GetFileName(package))).Succeeded();
        Assert.EndsWith("# mine\n", await File.ReadAllTextAsync(machine.Root + "/etc/minidns/Corefile"), StringComparison.Ordinal);
        (await machine.RunAsync("dpkg", "--purge", "minidns")).Succeeded();
        (await machine.RunAsync("dpkg", "--purge", "aspnetcore-runtime-10.0")).Succeeded();
        Assert.Equal(2, (await machine.RunAsync("getent", "passwd", "minidns")).ExitCode);
        Assert.Equal(before, await FilesAsync(machine));
    }

    private static async Task<string> BuildAsync(string directory)
    {
        // The packages are those that the tests were built with; and no build server may stay behind.
        string home = "HOME=" + Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string path = "PATH=" + Path.GetDirectoryName(DotnetProgram()) + ":" + Environment.GetEnvironmentVariable("PATH");
        string[] environment = [home, path, "MSBUILDDISABLENODEREUSE=1", "UseSharedCompilation=false", "DOTNET_CLI_USE_MSBUILD_SERVER=0"];
        (await Tool.RunInAsync("/", "env", [.. environment, Repository.PathOf("config", "debian", "build.sh"), directory], Patience)).Succeeded();
        return Assert.Single(Directory.GetFiles(directory, "*.deb"));
    }

    private static string DotnetProgram() => Path.IsPathRooted(Repository.DotnetHost)
        ? Repository.DotnetHost
        : Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, "dotnet")).First(File.Exists);

    /// <summary>A stand-in for the package of the runtime: it brings the link /usr/bin/dotnet.</summary>
    private static async Task InstallRuntimeAsync(ScratchMachine machine)
    {
        string tree = machine.Root + "/tmp/runtime";
        Directory.CreateDirectory(tree + "/DEBIAN");
        Directory.CreateDirectory(tree + "/usr/bin");
        await File.WriteAllTextAsync(tree + "/DEBIAN/control", "Package: aspnetcore-runtime-10.0\nVersion: 10.0.0\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\nDescription: a stand-in\n");
        string target = new FileInfo(DotnetProgram()).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? DotnetProgram();
        File.CreateSymbolicLink(tree + "/usr/bin/dotnet", target);
        (await machine.RunAsync("dpkg-deb", "--root-owner-group", "--build", "/tmp/runtime", "/tmp/runtime.deb")).Succeeded();
        (await machine.RunAsync("dpkg", "--install", "/tmp/runtime.deb")).Succeeded();
    }

    private static async Task UnitIsGoodAsync(ScratchMachine machine)
    {
        string unit = await File.ReadAllTextAsync(machine.Root + "/usr/lib/systemd/system/minidns.service");
        foreach (string line in (string[])["User=minidns", "StateDirectory=minidns", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "ExecStart=/usr/bin/minidns -conf /etc/minidns/Corefile"])
        {
            Assert.Contains('\n' + line + '\n', unit, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("/opt/", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("DynamicUser", unit, StringComparison.Ordinal);
        ToolResult verified = (await machine.RunAsync("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", "/usr/lib/systemd/system/minidns.service", "/usr/lib/systemd/system/minidns.socket")).Succeeded();
        Assert.DoesNotContain("minidns", verified.Error, StringComparison.Ordinal);
        (await machine.RunAsync("systemd-analyze", "security", "--offline=true", "--threshold=30", "/usr/lib/systemd/system/minidns.service")).Succeeded();
    }

    /// <summary>What the unit does, without systemd: the server as its user, in its directory, with its one capability.</summary>
    private async Task ServesAsync(ScratchMachine machine)
    {
        await File.AppendAllTextAsync(machine.Root + "/etc/hosts", "10.0.0.1 web.mycompany.com\n");
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerLaunch
        {
            Directory = "/",
            Prefix =
            [
                .. host.Network.Exec, .. machine.Exec, "env", "-i", "PATH=/usr/bin:/bin", "--chdir=/etc/minidns",
                "setpriv", "--reuid=minidns", "--regid=minidns", "--clear-groups", "--bounding-set=-all,+net_bind_service",
                "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service", "--no-new-privs",
            ],
            Program = ["/usr/bin/minidns"],
            Arguments = ["-conf", "/etc/minidns/Corefile"],
        });
        Assert.Equal(".:53 on 127.0.0.1", server.Output.All[0]);
        string user = (await machine.RunAsync("id", "--user", "minidns")).Output.Trim();
        Assert.Matches($@"Uid:\s+{user}\s+{user}\s+{user}\s+{user}\n", await File.ReadAllTextAsync($"/proc/{server.Id}/status"));
        DigReply reply = DigReply.Parse(await host.Network.RunAsync("dig", "@127.0.0.1", "+tries=1", "web.mycompany.com"));
        Assert.Equal(["A 10.0.0.1"], reply.AnswerData);
        await server.SignalAsync("USR1");
        await server.LineAsync(l => l.Contains("Reloading complete", StringComparison.Ordinal));
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
    }

    /// <summary>The files that packages may bring, with their owners.</summary>
    private static async Task<string> FilesAsync(ScratchMachine machine) => string.Join('\n', (await machine.RunAsync(
        "find", "/etc", "/usr/bin", "/usr/lib", "/usr/share/doc", "/usr/share/man", "/var/lib/dpkg/info", "/var/lib/systemd", "/lib/systemd", "-xdev",
        "-path", "*minidns*", "-printf", "%p %u\n")).Lines.Order(StringComparer.Ordinal));
}
