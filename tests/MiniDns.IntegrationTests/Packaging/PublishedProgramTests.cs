using MiniDns.IntegrationTests.Clients;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Packaging;

/// <summary>The published program under those who run it: an ordinary user, a container, systemd.</summary>
public sealed class PublishedProgramTests(Publication published, PrivateHost host) : IClassFixture<Publication>, IClassFixture<PrivateHost>
{
    /// <summary>Turns into the image's program as a container engine does it: files that cannot be written, the image's user and environment, one
    /// capability at most.</summary>
    private const string Container = """
        set -e
        root=$1 corefile=$2 user=$3 directory=$4
        shift 4
        mount --bind "$root" "$root"
        for shared in usr proc dev; do mount --rbind "/$shared" "$root/$shared"; done
        echo "127.0.0.1 localhost" >"$root/etc/hosts"
        touch "$root$directory/Corefile"
        mount --bind "$corefile" "$root$directory/Corefile"
        mount -o remount,bind,ro "$root"
        exec chroot "$root" setpriv --reuid="$user" --regid="$user" --clear-groups --bounding-set=-all,+net_bind_service env -i --chdir="$directory" "$@"
        """;

    private const string Corefile = ". {\n    hosts {\n        10.0.0.1 web.mycompany.com\n    }\n    health\n    ready\n}\n";

    /// <summary>A user who is nobody in particular.</summary>
    private static readonly string[] User = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    public static TheoryData<string, string[]> Circumstances => new()
    {
        { "a user; the file has the capability", [] },
        { "a container that keeps one capability", ["--bounding-set=-all,+net_bind_service"] },
        { "systemd, which gives the capability", ["--bounding-set=-all,+net_bind_service", "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service", "--no-new-privs"] },
    };

    [Theory]
    [MemberData(nameof(Circumstances))]
    public async Task It_binds_port_53_without_root(string circumstance, string[] options)
    {
        Assert.NotEmpty(circumstance);
        host.Directory.Write("Corefile", Corefile);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch() with
        {
            Prefix = [.. host.Network.Exec, .. User, .. options],
            Program = [published.Executable],
        });
        Assert.Equal(".:53", server.Output.All[0]);
        string status = await File.ReadAllTextAsync($"/proc/{server.Id}/status");
        Assert.Matches(@"Uid:\s+65534\s+65534\s+65534\s+65534", status);
        Assert.Matches(@"CapEff:\s+0000000000000400", status);
        DigReply reply = DigReply.Parse(await host.Network.RunAsync("dig", "@127.0.0.1", "+tries=1", "web.mycompany.com"));
        Assert.Equal(["A 10.0.0.1"], reply.AnswerData);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact]
    public async Task The_image_serves_as_its_user_from_files_that_cannot_be_written()
    {
        string corefile = host.Directory.Write("Corefile", Corefile);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch() with
        {
            Prefix =
            [
                .. host.Network.Exec, "unshare", "--mount", "--propagation", "private", "sh", "-c", Container, "sh",
                published.Root, corefile, published.User, published.WorkingDirectory, .. published.Environment,
            ],
            Program = published.EntryPoint,
        });
        Assert.Equal(".:53", server.Output.All[0]);
        Assert.NotEqual("0", published.User);
        string status = await File.ReadAllTextAsync($"/proc/{server.Id}/status");
        Assert.Matches($@"Uid:\s+{published.User}\s+{published.User}\s+{published.User}\s+{published.User}\n", status);
        Assert.Matches(@"CapBnd:\s+0000000000000400", status);
        foreach (string transport in (string[])["+notcp", "+tcp"])
        {
            DigReply reply = DigReply.Parse(await host.Network.RunAsync("dig", "@127.0.0.1", "+tries=1", transport, "web.mycompany.com"));
            Assert.Equal(["A 10.0.0.1"], reply.AnswerData);
        }

        // Inside, as the engine does it.
        string[] inside = ["nsenter", $"--target={server.Id}", "--mount", "--net", "--root", "--wd=/", $"--setuid={published.User}", $"--setgid={published.User}"];
        (await Tool.RunAsync(inside[0], [.. inside.Skip(1), .. published.HealthCheck])).Succeeded();
        foreach (string page in (string[])["8080/health", "8181/ready"])
        {
            string ask = $"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:{page}').read().decode())";
            Assert.Equal("OK\n", (await host.Network.RunAsync("/usr/bin/python3", "-c", ask)).Succeeded().Output);
        }

        ToolResult written = await Tool.RunAsync("nsenter", $"--target={server.Id}", "--mount", "--root", "--wd=/", "touch", "/opt/minidns/new");
        Assert.Contains("Read-only file system", written.Error, StringComparison.Ordinal);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.Empty(server.Error.All);
    }

    [Fact]
    public async Task The_version_names_the_revision()
    {
        ToolResult result = (await Tool.RunAsync(published.Executable, "-version")).Succeeded();
        Assert.EndsWith(", 0123456", result.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_health_check_tells_a_server_that_answers_from_none()
    {
        string check = Repository.PathOf("config", "healthcheck.sh");
        Assert.NotEqual(0, (await host.Network.RunAsync(check)).ExitCode);

        // No plugin answers such a query, and none sees it: not even an upstream that is away makes the check wait.
        host.Directory.Write("Corefile", ". {\n    log\n    forward . 192.0.2.1\n}\n");
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch());
        (await host.Network.RunAsync(check)).Succeeded();
        (await host.Network.RunAsync("env", "MINIDNS_HEALTHCHECK=::1/53", check)).Succeeded();
        Assert.NotEqual(0, (await host.Network.RunAsync("env", "MINIDNS_HEALTHCHECK=127.0.0.1/54", check)).ExitCode);
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        Assert.DoesNotContain(server.Output.All, l => l.StartsWith('['));
    }
}
