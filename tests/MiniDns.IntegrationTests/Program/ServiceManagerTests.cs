using System.Net.Sockets;
using System.Text;
using MiniDns.IntegrationTests.Support;
using MiniDns.Testing;

namespace MiniDns.IntegrationTests.Program;

/// <summary>What systemd hears of the server, and what it hands over to it.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    /// <summary>Binds a UDP and a TCP socket, as a .socket unit does, and turns into the server with them at file descriptors 3 and 4.</summary>
    private const string Activate = """
        import os, socket, sys
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.bind(udp.getsockname())
        for number, s in ((13, udp), (14, tcp)):
            os.dup2(s.fileno(), number)
        os.dup2(13, 3)
        os.dup2(14, 4)
        os.set_inheritable(3, True)
        os.set_inheritable(4, True)
        path = sys.argv[1]
        open(path, "w").write(".:%d {\n bind 127.0.0.1\n whoami\n}\n" % udp.getsockname()[1])
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2")
        os.execvp(sys.argv[2], sys.argv[2:])
        """;

    /// <summary>Keeps the two sockets and starts the server with them whenever a line comes, as systemd does it.</summary>
    private const string Manage = """
        import os, signal, socket, subprocess, sys
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.bind(udp.getsockname())
        tcp.listen()
        os.dup2(udp.fileno(), 13)
        os.dup2(tcp.fileno(), 14)
        open(sys.argv[1], "w").write(".:%d {\n bind 127.0.0.1\n whoami\n}\n" % udp.getsockname()[1])

        def take():
            os.dup2(13, 3)
            os.dup2(14, 4)

        def start():
            server = subprocess.Popen(["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" "$@"', *sys.argv[2:]], preexec_fn=take, close_fds=False, stdout=subprocess.PIPE)
            while b".NET" not in server.stdout.readline():
                pass
            return server

        def ask(s):
            query = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01"
            s.settimeout(20)
            s.connect(udp.getsockname())
            s.send(query if s.type == socket.SOCK_DGRAM else len(query).to_bytes(2, "big") + query)
            return s

        for turn in range(3):
            # Between two servers the queries wait in the sockets.
            waiting = [ask(socket.socket(socket.AF_INET, kind)) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
            server = start()
            try:
                present = [ask(socket.socket(socket.AF_INET, kind)) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
                for s in waiting + present:
                    assert b"\x12\x34" in s.recv(512)[:4], turn
                server.send_signal(signal.SIGTERM)
                rest = server.communicate(timeout=20)[0]
                assert server.returncode == 0 and rest == b"", (server.returncode, rest)
            finally:
                server.kill()
        print("well")
        """;

    /// <summary>Starts the server with a socket as its standard output, as systemd does it for the journal, reloads a wrong Corefile, and prints the log.</summary>
    private const string Journal = """
        import os, signal, socket, subprocess, sys
        ours, theirs = socket.socketpair()
        state = os.fstat(theirs.fileno())
        number = state.st_ino + (0 if sys.argv[1] == "journal" else 1)
        open(sys.argv[2], "w").write(".:0 {\n bind 127.0.0.1\n whoami\n}\n")
        environment = dict(os.environ, JOURNAL_STREAM="%d:%d" % (state.st_dev, number))
        server = subprocess.Popen(sys.argv[3:], stdout=theirs, env=environment)
        theirs.close()
        ours.settimeout(30)
        log = ours.makefile("r")
        for line in log:
            if ".NET" in line:
                open(sys.argv[2], "w").write(". {\n forwrd\n}\n")
                server.send_signal(signal.SIGUSR1)
            elif "forwrd" in line:
                print(line, end="")
                server.terminate()
            elif "Reloading" in line:
                print(line, end="")
        sys.exit(server.wait(30))
        """;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_of_the_start_of_reloads_and_of_the_end(bool isAbstract)
    {
        string path = isAbstract ? "@" + Guid.NewGuid().ToString("N") : Path.Combine(_directory.Path, "notify");
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + path[1..] : path));
        await using ServerProcess server = await ServerProcess.StartAsync(
            _directory, ".:0 {\n bind 127.0.0.1\n whoami\n}\n", "env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=1000000");
        Assert.Matches($"^READY=1\nSTATUS=serving DNS at 127.0.0.1:{server.Port}$", await NextAsync());
        Assert.Equal("WATCHDOG=1", await NextAsync(keepsAlive: true));
        Assert.Equal("WATCHDOG=1", await NextAsync(keepsAlive: true));

        await server.SignalAsync("USR1");
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=", await NextAsync());
        Assert.StartsWith("READY=1\n", await NextAsync(), StringComparison.Ordinal);
        await server.SignalAsync("HUP");
        Assert.StartsWith("RELOADING=1\n", await NextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("READY=1\n", await NextAsync(), StringComparison.Ordinal);
        string corefile = Path.Combine(_directory.Path, "Corefile");
        string good = await File.ReadAllTextAsync(corefile);
        await File.WriteAllTextAsync(corefile, ". {\n forwrd\n}\n");
        await server.SignalAsync("USR1");
        Assert.StartsWith("RELOADING=1\n", await NextAsync(), StringComparison.Ordinal);
        Assert.Matches($"^READY=1\nSTATUS=serving DNS at 127.0.0.1:{server.Port}; the files' new configuration is not used: .*Corefile:2:2: error: unknown directive 'forwrd'", await NextAsync());
        await File.WriteAllTextAsync(corefile, good);
        await server.SignalAsync("USR1");
        Assert.StartsWith("RELOADING=1\n", await NextAsync(), StringComparison.Ordinal);
        Assert.Matches($"^READY=1\nSTATUS=serving DNS at 127.0.0.1:{server.Port}$", await NextAsync());
        await server.SignalAsync("TERM");
        Assert.StartsWith("STOPPING=1\n", await NextAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.ExitAsync());

        async Task<string> NextAsync(bool keepsAlive = false)
        {
            byte[] buffer = new byte[1024];
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (true)
            {
                string message = Encoding.UTF8.GetString(buffer, 0, await manager.ReceiveAsync(buffer, patience.Token));
                if (keepsAlive == (message == "WATCHDOG=1"))
                {
                    return message;
                }
            }
        }
    }

    [Fact]
    public async Task Sockets_that_it_opened_are_served()
    {
        string corefile = Path.Combine(_directory.Path, "Corefile");
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerLaunch
        {
            Directory = _directory.Path,
            Prefix = ["/usr/bin/python3", "-c", Activate, corefile],
            Arguments = ["-conf", corefile],
        });
        foreach (string transport in (string[])["+notcp", "+tcp"])
        {
            Assert.Contains("status: NOERROR", (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", transport, "example.org")).Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(server.Output.All, l => l.Contains("no server block uses", StringComparison.Ordinal));
        await server.SignalAsync("USR1");
        await server.LineAsync(l => l.Contains("Reloading complete", StringComparison.Ordinal));
        Assert.Contains("status: NOERROR", (await Tool.RunAsync("dig", "@127.0.0.1", "-p", server.Port, "+tries=1", "example.org")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_TLS_a_TCP_socket_is_enough()
    {
        string corefile = Path.Combine(_directory.Path, "Corefile");
        using (var authority = new TestAuthority())
        {
            authority.IssueTo(_directory["cert.pem"], _directory["key.pem"], ["127.0.0.1"]);
        }

        string activate = Activate
            .Replace(""".:%d {\n""", """tls://.:%d {\n tls cert.pem key.pem\n""", StringComparison.Ordinal)
            .Replace("((13, udp), (14, tcp))", "((13, tcp),)", StringComparison.Ordinal)
            .Replace("os.dup2(14, 4)", "pass", StringComparison.Ordinal)
            .Replace("os.set_inheritable(4, True)", "address = tcp.getsockname()", StringComparison.Ordinal)
            .Replace("udp.getsockname()[1]", "address[1]", StringComparison.Ordinal)
            .Replace("LISTEN_FDS=\"2\"", "LISTEN_FDS=\"1\"", StringComparison.Ordinal);
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerLaunch
        {
            Directory = _directory.Path,
            Prefix = ["/usr/bin/python3", "-c", activate, corefile],
            Arguments = ["-conf", corefile],
        });
        Assert.Contains("status: NOERROR", (await Tool.RunAsync("kdig", "@127.0.0.1", "-p", server.Port, "+retry=0", "+tls", "example.org")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Output.All, l => l.Contains("no server block uses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_next_server_gets_them_and_the_queries_that_came_in_between()
    {
        ToolResult result = await Tool.RunAsync(
            "/usr/bin/python3", "-c", Manage, Path.Combine(_directory.Path, "Corefile"), Repository.DotnetHost, Repository.ServerAssembly, "-conf", Path.Combine(_directory.Path, "Corefile"));
        Assert.True(result.Succeeded().Output == "well\n", result.ToString());
    }

    [Theory]
    [InlineData("journal", "<6>", "<3>")]
    [InlineData("other", "", "")]
    public async Task The_journal_is_told_how_bad_it_is(string stream, string information, string error)
    {
        string corefile = Path.Combine(_directory.Path, "Corefile");
        ToolResult result = (await Tool.RunAsync(
            "/usr/bin/python3", "-c", Journal, stream, corefile, Repository.DotnetHost, Repository.ServerAssembly, "-conf", corefile)).Succeeded();
        Assert.Equal(2, result.Lines.Count);
        Assert.StartsWith(information + "[INFO] Reloading (SIGUSR1)", result.Lines[0], StringComparison.Ordinal);
        Assert.StartsWith(error + "[ERROR] the new configuration is not used", result.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_at_another_address_is_named_when_the_start_fails()
    {
        string corefile = Path.Combine(_directory.Path, "Corefile");
        ToolResult result = await Tool.RunAsync(
            "/usr/bin/python3", "-c", Activate.Replace("bind 127.0.0.1", "bind ::", StringComparison.Ordinal), corefile, Repository.DotnetHost, Repository.ServerAssembly, "-conf", corefile);
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"the address is already in use; of the sockets handed over by the service manager no server block uses udp 127\.0\.0\.1:[0-9]+, tcp 127\.0\.0\.1:[0-9]+", result.Error);
    }

    [Fact]
    public async Task A_second_signal_ends_at_once()
    {
        await using ServerProcess server = await ServerProcess.StartAsync(
            _directory, ".:0 {\n bind 127.0.0.1\n health 127.0.0.1:0 {\n lameduck 1h\n }\n log\n whoami\n}\n", "env", "--default-signal=INT,TERM");
        await server.SignalAsync("TERM");
        await server.LineAsync(l => l.Contains("lameduck", StringComparison.Ordinal));
        await server.SignalAsync("TERM");
        Assert.Equal(1, await server.ExitAsync());
    }
}
