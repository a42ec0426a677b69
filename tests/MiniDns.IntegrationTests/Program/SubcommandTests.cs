using System.Globalization;
using System.Text.Json;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.Program;

/// <summary>check, plan, explain, query, fmt and reload, from outside.</summary>
public sealed class SubcommandTests(PrivateHost host) : IClassFixture<PrivateHost>
{
    private const string Answering = ".:1053 {\n    errors\n    hosts {\n        192.0.2.80 web.example\n        fallthrough\n    }\n    whoami\n}\n";

    [Fact]
    public async Task Check_says_ok_or_what_is_wrong_and_where()
    {
        host.Directory.Write("good.conf", Answering);
        ToolResult good = (await RunAsync("check", "good.conf")).Succeeded();
        Assert.Equal(["good.conf: ok"], good.Lines);
        host.Directory.Write("bad.conf", ". {\n    forwrd . 192.0.2.1\n    bufsize 100\n}\n");
        ToolResult bad = await RunAsync("check", "bad.conf");
        Assert.Equal(1, bad.ExitCode);
        Assert.Collection(
            bad.Lines,
            l => Assert.StartsWith("bad.conf:2:5: error: unknown directive 'forwrd'", l, StringComparison.Ordinal),
            l => Assert.StartsWith("bad.conf:3:13: error: bufsize: ", l, StringComparison.Ordinal),
            l => Assert.Equal("bad.conf: 2 errors", l));
        Assert.Equal(1, (await RunAsync("check", "no-such.conf")).ExitCode);
    }

    [Fact]
    public async Task Check_of_a_doubtful_file_fails_only_when_it_is_strict()
    {
        host.Directory.Write("loop.conf", ".:1053 {\n    forward . 127.0.0.1:1053\n}\n");
        ToolResult result = (await RunAsync("check", "loop.conf")).Succeeded();
        Assert.Contains("go round in circles", result.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("check", "--strict", "loop.conf")).ExitCode);
        using JsonDocument json = JsonDocument.Parse((await RunAsync("check", "--json", "loop.conf")).Output);
        JsonElement finding = json.RootElement.GetProperty("findings").EnumerateArray().Single();
        Assert.Equal(("warning", 2, 5), (finding.GetProperty("severity").GetString(), finding.GetProperty("line").GetInt32(), finding.GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task Plan_tells_chains_and_listeners()
    {
        host.Directory.Write("plan.conf", Answering);
        ToolResult result = (await RunAsync("plan", "plan.conf")).Succeeded();
        Assert.Contains("    chain     errors > hosts > whoami", result.Lines);
        Assert.Contains("dns   [::]:1053 udp, tcp  zones .  (plan.conf:1:1)", result.Lines);
        host.Directory.Write("order.conf", ".:1053 {\n    order whoami hosts acl\n    acl {\n        block net 192.0.2.0/24\n    }\n    hosts {\n        fallthrough\n    }\n    errors\n    rewrite name a b\n    whoami\n}\n");
        result = (await RunAsync("plan", "order.conf")).Succeeded();
        Assert.Contains("    chain     errors > acl > rewrite > acl > whoami > hosts > acl", result.Lines);
        Assert.Contains("    settings  order", result.Lines);
        using JsonDocument json = JsonDocument.Parse((await RunAsync("plan", "plan.conf", "--json")).Output);
        Assert.Equal(1, json.RootElement.GetProperty("blocks").GetArrayLength());
        host.Directory.Write("pages.conf", ".:1053 {\n    pprof localhost:6053\n    whoami\n}\n");
        result = (await RunAsync("plan", "pages.conf")).Succeeded();
        Assert.Equal(["http  127.0.0.1:6053/debug/pprof  pprof  (pages.conf:2:5)", "http  127.0.0.1:6053/diag  pprof  (pages.conf:2:5)"], result.Lines.Where(l => l.StartsWith("http", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Explain_shows_the_way_of_a_query_while_a_server_has_the_port()
    {
        host.Directory.Write("explain.conf", Answering);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "explain.conf"));
        ToolResult result = (await RunAsync("explain", "web.example", "--conf", "explain.conf", "--client", "192.0.2.7")).Succeeded();
        Assert.Equal("web.example. A from 192.0.2.7 over udp", result.Lines[0]);
        Assert.Contains(result.Lines, l => l.TrimStart().StartsWith("errors", StringComparison.Ordinal) && l.Contains("passed on", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l.TrimStart().StartsWith("hosts", StringComparison.Ordinal) && l.Contains("replied NOERROR", StringComparison.Ordinal));
        Assert.Contains(result.Lines, l => l.EndsWith("IN\tA\t192.0.2.80", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Explain_names_the_upstream_that_was_asked()
    {
        host.Directory.Write("upstream.conf", Answering);
        host.Directory.Write("forward.conf", ".:1054 {\n    cache\n    forward . 127.0.0.1:1053\n}\n");
        await using ServerProcess upstream = await ServerProcess.StartAsync(host.Launch("-conf", "upstream.conf"));
        ToolResult result = (await RunAsync("explain", "web.example", "--conf", "forward.conf", "--json")).Succeeded();
        using JsonDocument json = JsonDocument.Parse(result.Output);
        Assert.Equal(["127.0.0.1:1053 udp"], json.RootElement.GetProperty("upstreams").EnumerateArray().Select(u => u.GetString()));
        Assert.Equal(["cache", "forward"], json.RootElement.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("plugin").GetString()));
        Assert.Equal("192.0.2.80", json.RootElement.GetProperty("message").GetProperty("answer")[0].GetProperty("data").GetString());
    }

    [Fact]
    public async Task Explain_asks_a_running_server_which_goes_on_as_it_was()
    {
        const string Forwarding = ".:1054 {\n    explain localhost:8154\n    log\n    cache\n    forward . 127.0.0.1:1053\n}\n";
        string[] running = ["explain", "web.example", "--server", "localhost:8154"];
        host.Directory.Write("upstream.conf", Answering);
        string corefile = host.Directory.Write("running.conf", Forwarding);
        await using ServerProcess upstream = await ServerProcess.StartAsync(host.Launch("-conf", "upstream.conf"));
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "running.conf"));
        using (JsonDocument first = JsonDocument.Parse((await RunAsync([.. running, "--json", "--client", "192.0.2.7", "+tcp"])).Succeeded().Output))
        {
            Assert.Equal(["log", "cache", "forward"], first.RootElement.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("plugin").GetString()));
            Assert.Equal(["127.0.0.1:1053 tcp"], first.RootElement.GetProperty("upstreams").EnumerateArray().Select(u => u.GetString()));
            Assert.Equal(("192.0.2.7", "tcp"), (first.RootElement.GetProperty("client").GetString(), first.RootElement.GetProperty("transport").GetString()));
        }

        // The cache is the server's: what was found is there for clients, and for the next explanation.
        await upstream.SignalAsync("TERM");
        Assert.Equal(0, await upstream.ExitAsync());
        Assert.Equal(["192.0.2.80"], (await RunAsync("query", "@127.0.0.1:1054", "web.example", "+short")).Succeeded().Lines);
        ToolResult second = (await RunAsync(running)).Succeeded();
        Assert.Contains(second.Lines, l => l.TrimStart().StartsWith("cache", StringComparison.Ordinal) && l.Contains("replied NOERROR", StringComparison.Ordinal));
        Assert.DoesNotContain("asked upstream", second.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("have changed", second.Output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(corefile, Forwarding.Replace("    log\n", "", StringComparison.Ordinal));
        Assert.Contains("files of the configuration have changed since the server read them", (await RunAsync(running)).Succeeded().Lines);
        await server.SignalAsync("USR1");
        await server.LineAsync(l => l.Contains("Reloading complete", StringComparison.Ordinal));
        ToolResult third = (await RunAsync(running)).Succeeded();
        Assert.DoesNotContain(third.Lines, l => l.TrimStart().StartsWith("log", StringComparison.Ordinal));
        Assert.Contains(third.Lines, l => l.Contains("replied NOERROR", StringComparison.Ordinal));

        // One client asked, and the log has one line of it.
        Assert.Single(server.Output.All, l => l.Contains("IN web.example.", StringComparison.Ordinal));
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
        ToolResult nobody = await RunAsync(running);
        Assert.Equal(1, nobody.ExitCode);
        Assert.Contains("does the server run", nobody.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_writes_no_files()
    {
        host.Directory.Write("db.example", "$ORIGIN example.\n@ 60 SOA ns hostmaster 1 60 60 600 60\n@ 60 NS ns\nns 60 A 192.0.2.53\nweb 60 A 192.0.2.80\n");
        host.Directory.Write("primary.conf", "example:1053 {\n    file db.example\n    transfer {\n        to *\n    }\n}\n");
        host.Directory.Write("secondary.conf", "example:1054 {\n    secondary {\n        transfer from 127.0.0.1:1053\n        store kept\n    }\n    cache {\n        snapshot kept-answers\n    }\n}\n");
        await using ServerProcess primary = await ServerProcess.StartAsync(host.Launch("-conf", "primary.conf"));
        ToolResult result = (await RunAsync("explain", "web.example", "--conf", "secondary.conf", "+short")).Succeeded();
        Assert.Equal("192.0.2.80", result.Lines[^1]);
        Assert.False(Path.Exists(host.Directory["kept"]));
        Assert.False(Path.Exists(host.Directory["kept-answers"]));
    }

    [Fact]
    public async Task Query_prints_what_dig_prints()
    {
        host.Directory.Write("query.conf", Answering);
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "query.conf"));
        foreach (string transport in (string[])["+notcp", "+tcp"])
        {
            ToolResult ours = (await RunAsync("query", "@127.0.0.1:1053", "web.example", transport)).Succeeded();
            ToolResult digs = (await host.Network.RunAsync("dig", "@127.0.0.1", "-p", "1053", "web.example", transport, "+nocookie", "+noad", "+nocmd")).Succeeded();
            Assert.Equal(digs.Lines.Where(IsOfTheAnswer), ours.Lines.Where(IsOfTheAnswer));
        }

        Assert.Equal(["192.0.2.80"], (await RunAsync("query", "@127.0.0.1", "-p", "1053", "web.example", "A", "+short")).Succeeded().Lines);
        Assert.Equal(["web.example."], (await RunAsync("query", "@127.0.0.1:1053", "-x", "192.0.2.80", "+short")).Succeeded().Lines);
        using JsonDocument json = JsonDocument.Parse((await RunAsync("query", "@127.0.0.1:1053", "web.example", "+json", "+dnssec")).Succeeded().Output);
        Assert.True(json.RootElement.GetProperty("message").GetProperty("edns").GetProperty("do").GetBoolean());
    }

    [Fact]
    public async Task Query_ends_with_9_when_nobody_answers()
    {
        ToolResult result = await RunAsync("query", "@127.0.0.1:9", "web.example", "+tries=1", "+time=1");
        Assert.Equal(9, result.ExitCode);
        Assert.NotEmpty(result.ErrorLines);
    }

    [Theory]
    [InlineData("query", "@127.0.0.1")]
    [InlineData("query", "@127.0.0.1", "example.org", "+tpc")]
    [InlineData("query", "example.org", "AX")]
    [InlineData("explain", "a..b")]
    [InlineData("reload")]
    [InlineData("check", "--strickt")]
    public async Task Wrong_words_are_refused(params string[] words)
    {
        ToolResult result = await RunAsync(words);
        Assert.Equal(1, result.ExitCode);
        Assert.NotEmpty(result.ErrorLines);
    }

    [Theory]
    [InlineData("unknown option '--jsno'; did you mean '--json'?", "check", "--jsno")]
    [InlineData("unknown option '--chekc'; did you mean '--check'?", "fmt", "--chekc")]
    [InlineData("unknown option '-v'", "-v")]
    [InlineData("unknown option '-cnof'; did you mean '-conf'?", "-cnof", "x")]
    [InlineData("unknown command 'chekc'; did you mean 'check'?", "chekc")]
    [InlineData("'b' is one word too many", "check", "a", "b")]
    [InlineData("--pid: 'abc' is not a process id", "reload", "--pid", "abc")]
    [InlineData("--pid: '0' is not a process id", "reload", "--pid", "0")]
    [InlineData("'70000' is not a port: a number from 0 to 65535", "explain", "web", "--port", "70000")]
    [InlineData("unknown option '--tcp'; options of a question begin with '+', such as '+tcp'", "query", "web", "--tcp")]
    [InlineData("a transfer is more than one message: ask for it with dig or kdig", "query", "web", "AXFR")]
    [InlineData("/: cannot read the Corefile: it is a directory", "check", "/")]
    [InlineData("/nowhere: cannot read the Corefile: there is no such file", "plan", "/nowhere")]
    [InlineData(";; 127.0.0.1:9: Connection refused", "query", "@127.0.0.1:9", "web", "+tcp")]
    [InlineData("process 999999999: No such process", "reload", "--pid", "999999999")]
    public async Task What_is_wrong_stands_in_the_first_line_and_help_is_not_in_its_way(string expected, params string[] words)
    {
        ToolResult result = await RunAsync(words);
        Assert.InRange(result.ExitCode, 1, 9);
        Assert.StartsWith(expected, result.ErrorLines[0], StringComparison.Ordinal);
        Assert.True(result.ErrorLines.Count <= 2 && result.Output.Length == 0, result.ToString());
    }

    [Fact]
    public async Task Fmt_prints_checks_and_rewrites()
    {
        string path = host.Directory.Write("fmt.conf", ".  {\n\n  whoami   # who\n}\n");
        const string Formatted = ". {\n    whoami # who\n}\n";
        Assert.Equal(Formatted, (await RunAsync("fmt", "fmt.conf")).Succeeded().Output);
        ToolResult check = await RunAsync("fmt", "--check", "fmt.conf");
        Assert.Equal((1, "fmt.conf\n"), (check.ExitCode, check.Output));
        (await RunAsync("fmt", "-w", "fmt.conf")).Succeeded();
        Assert.Equal(Formatted, await File.ReadAllTextAsync(path));
        (await RunAsync("fmt", "--check", "fmt.conf")).Succeeded();
    }

    [Fact]
    public async Task Reload_has_a_server_read_its_Corefile_anew()
    {
        string corefile = host.Directory.Write("reload.conf", Answering);
        string pidFile = host.Directory["reload.pid"];
        await using ServerProcess server = await ServerProcess.StartAsync(host.Launch("-conf", "reload.conf", "-pidfile", pidFile));
        await File.WriteAllTextAsync(corefile, Answering.Replace("192.0.2.80", "192.0.2.81", StringComparison.Ordinal));
        (await RunAsync("reload", "--pidfile", pidFile)).Succeeded();
        await Eventually.TrueAsync(
            async () => (await RunAsync("query", "@127.0.0.1:1053", "web.example", "+short")).Output == "192.0.2.81\n",
            () => server.Transcript);
        await File.WriteAllTextAsync(corefile, Answering);
        (await RunAsync("reload", "--pid", server.Id.ToString(CultureInfo.InvariantCulture))).Succeeded();
        await Eventually.TrueAsync(
            async () => (await RunAsync("query", "@127.0.0.1:1053", "web.example", "+short")).Output == "192.0.2.80\n",
            () => server.Transcript);
        Assert.Equal(1, (await RunAsync("reload", "--pidfile", host.Directory["none.pid"])).ExitCode);
    }

    [Theory]
    [InlineData("check", "--json", "/nowhere")]
    [InlineData("plan", "--json", "/nowhere")]
    [InlineData("explain", "--json", "web.example", "--conf", "/nowhere")]
    public async Task Programs_get_JSON_also_when_there_is_no_Corefile(params string[] words)
    {
        ToolResult result = await RunAsync(words);
        Assert.Equal((1, ""), (result.ExitCode, result.Error));
        using JsonDocument json = JsonDocument.Parse(result.Output);
        JsonElement finding = json.RootElement.GetProperty("findings").EnumerateArray().Single();
        Assert.Equal(("error", "/nowhere: cannot read the Corefile: there is no such file"), (finding.GetProperty("severity").GetString(), finding.GetProperty("message").GetString()));
    }

    [Fact]
    public async Task Reload_leaves_a_process_alone_that_the_signal_would_end()
    {
        // What happens when a pid file is older than the last boot.
        await using var stranger = new RunningProgram(host.Directory.Path, ["sleep", "120"]);
        ToolResult result = await RunAsync("reload", "--pid", stranger.Id.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("is no server that waits for a reload", result.Error, StringComparison.Ordinal);
        await stranger.SignalAsync("TERM");
        Assert.Equal(128 + 15, await stranger.ExitAsync());
    }

    [Fact]
    public async Task Explain_says_when_nothing_listens_on_the_port()
    {
        host.Directory.Write("port.conf", Answering);
        ToolResult result = await RunAsync("explain", "web.example", "--conf", "port.conf", "--port", "99");
        Assert.Equal(9, result.ExitCode);
        Assert.Equal(["web.example. A from 127.0.0.1 over udp", "nothing listens on port 99: the Corefile serves [::]:1053"], result.Lines);
    }

    [Fact]
    public async Task Help_shows_examples()
    {
        Assert.Contains("  minidns -conf /etc/minidns/Corefile  serve", (await RunAsync("--help")).Succeeded().Lines);
        foreach (string command in (string[])["check", "plan", "explain", "query", "fmt", "reload"])
        {
            Assert.Contains($"  minidns {command}", (await RunAsync(command, "--help")).Succeeded().Output, StringComparison.Ordinal);
        }
    }

    /// <summary>The lines that tell of the message, without its id.</summary>
    private static bool IsOfTheAnswer(string line) =>
        (line.Contains("\tIN\t", StringComparison.Ordinal) || line.StartsWith(";; flags", StringComparison.Ordinal) || line.StartsWith("; EDNS", StringComparison.Ordinal) || line.EndsWith("SECTION:", StringComparison.Ordinal))
        && !line.StartsWith("; <<>>", StringComparison.Ordinal);

    private async Task<ToolResult> RunAsync(params string[] words) => await ServerProcess.RunAsync(host.Launch(words));
}
