using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Inspection;

namespace MiniDns.Server.Tests.Inspection;

/// <summary>Mistakes as people make them, each in a Corefile that is fine otherwise; <c>check</c> names the line of every one.</summary>
public sealed class PlantedMistakesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-check-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    /// <summary>The Corefile, the line of the mistake, words of the finding, and whether it keeps the server from starting.</summary>
    public static TheoryData<string, int, string, bool> Mistakes => new()
    {
        // the language
        { ". {\n    whoami\n", 1, "never closed", true },
        { ". {\n    whoami\n}\n}\n", 4, "'}'", true },
        { ". {\n    log \"{combined}\n    whoami\n}\n", 2, "quote is never closed", true },
        { ". {\n    whoami\n    {\n    }\n}\n", 2, "takes no block", true },
        { ". {\n    import common\n    whoami\n}\n", 2, "common", true },
        { "(a) {\n    import a\n}\n. {\n    import a\n    whoami\n}\n", 2, "a", true },
        { ". {\n    import conf.d/missing.conf\n    whoami\n}\n", 2, "missing.conf", true },
        { "(x) {\n    log\n}\n(x) {\n    errors\n}\n. {\n    whoami\n}\n", 4, "defined already", true },
        { ". {\n    whoami#comment\n}\n", 2, "put a space before a comment", false },
        { "", 1, "no server block", false },

        // keys
        { "dnss://. {\n    whoami\n}\n", 1, "unknown scheme 'dnss://'", true },
        { "quic://. {\n    whoami\n}\n", 1, "not served yet", true },
        { "tls://. {\n    whoami\n}\n", 1, "has no certificate", true },
        { "tls://. {\n    tls nothing.pem nothing.pem\n    whoami\n}\n", 2, "nothing.pem' cannot be read", true },
        { ".:853 {\n    whoami\n}\ntls://. {\n    tls off\n    whoami\n}\n", 4, "needs TCP port 853", true },
        { "example..org {\n    whoami\n}\n", 1, "example..org", true },
        { "10.0.0.0/40 {\n    whoami\n}\n", 1, "a network is ADDRESS/BITS", false },
        { ".:530000 {\n    whoami\n}\n", 1, "530000", true },
        { "127.0.0.1:53 {\n    whoami\n}\n", 1, "use 'bind 127.0.0.1'", false },
        { ". {\n    whoami\n}\n. {\n    whoami\n}\n", 4, "already defined", true },

        // directives
        { ". {\n    forwrd . 192.0.2.1\n    whoami\n}\n", 2, "did you mean 'forward'", true },
        { ". {\n    dnstap /tmp/x.sock\n    whoami\n}\n", 2, "not part of MiniDns yet", true },
        { ". {\n    whoami loudly\n}\n", 2, "whoami", true },
        { ". {\n    cache 1y\n    whoami\n}\n", 2, "a TTL is a number of seconds", false },
        { ". {\n    cache {\n        prefetsh 10\n    }\n    whoami\n}\n", 3, "did you mean 'prefetch'", true },
        { ". {\n    cache {\n        serve_stale soon\n    }\n    whoami\n}\n", 3, "soon", true },
        { ". {\n    cache\n    cache 30\n    whoami\n}\n", 3, "may be used once", true },
        { ". {\n    forward .\n}\n", 2, "upstreams are expected", true },
        { ". {\n    forward . 192.0.2.300\n}\n", 2, "192.0.2.300", true },
        { ". {\n    forward . 192.0.2.1:99999\n}\n", 2, "99999", true },
        { ". {\n    forward . quic://192.0.2.1\n}\n", 2, "quic", true },
        { ". {\n    forward . 192.0.2.1 {\n        policy quickest\n    }\n}\n", 3, "quickest", true },
        { ". {\n    forward . 192.0.2.1 {\n        max_fails lots\n    }\n}\n", 3, "lots", true },
        { ". {\n    forward . 192.0.2.1 {\n        expire 5\n        max_age 1s\n    }\n}\n", 2, "max_age", true },
        { ". {\n    hosts {\n        192.168.1.300 web\n        fallthrough\n    }\n    whoami\n}\n", 3, "skipped", false },
        { ". {\n    hosts {\n        ttl 0\n        fallthrough\n    }\n    whoami\n}\n", 3, "ttl", true },
        { "example.org {\n    file db.missing {\n        reload 0\n    }\n}\n", 2, "db.missing", true },
        { "example.org {\n    file db.missing\n}\n", 2, "db.missing", false },
        { ". {\n    bind 300.1.1.1\n    whoami\n}\n", 2, "300.1.1.1", true },
        { ". {\n    bind nosuchif0\n    whoami\n}\n", 2, "nosuchif0", true },
        { ". {\n    health 8080\n    whoami\n}\n", 2, "8080", true },
        { ". {\n    health {\n        lameduck long\n    }\n    whoami\n}\n", 3, "long", true },
        { ". {\n    prometheus localhost\n    whoami\n}\n", 2, "localhost", true },
        { ". {\n    prometheus localhost:{$MINIDNS_NOT_SET}\n    whoami\n}\n", 2, "has no port, so the system chooses one", false },
        { ". {\n    log . {\n        class sucess\n    }\n    whoami\n}\n", 3, "sucess", true },
        { ". {\n    errors {\n        consolidate 5m \"(\"\n    }\n    whoami\n}\n", 3, "not a regular expression", true },
        { ". {\n    bufsize 100\n    whoami\n}\n", 2, "100", true },
        { ". {\n    loadbalance sometimes\n    whoami\n}\n", 2, "sometimes", true },
        { ". {\n    reload 1s 5s\n    whoami\n}\n", 2, "reload", true },
        { ". {\n    timeouts {\n        read never\n    }\n    whoami\n}\n", 3, "never", true },
        { ". {\n    header {\n        response turn ra\n    }\n    whoami\n}\n", 3, "turn", true },
        { "example.org {\n    transfer {\n        to 192.0.2.300\n    }\n    whoami\n}\n", 3, "192.0.2.300", true },
        { "example.org {\n    secondary\n}\n", 2, "secondary", true },
        { ". {\n    search\n    whoami\n}\n", 2, "search", true },
        { ". {\n    tsig {\n        secret key. notbase64!\n    }\n    whoami\n}\n", 3, "not base64", true },
        { "cluster.local {\n    kubernetes {\n        pods perhaps\n    }\n}\n", 3, "perhaps", true },
        { ". {\n    multisocket many\n    whoami\n}\n", 2, "many", true },

        { "example.org {\n    cache example.net\n    whoami\n}\n", 2, "lies outside the block's zones", false },

        // an order of its own
        { ". {\n    order hosts cahce\n    cache\n    whoami\n}\n", 2, "did you mean 'cache'", true },
        { ". {\n    order hosts dnstap\n    whoami\n}\n", 2, "not part of MiniDns yet", true },
        { ". {\n    order cache\n    cache\n    whoami\n}\n", 2, "at least two plugins", true },
        { ". {\n    order cache whoami cache\n    cache\n    whoami\n}\n", 2, "stands here already", true },
        { ". {\n    order whoami cache\n    order cache whoami\n    cache\n    whoami\n}\n", 3, "may be used once", true },
        { ". {\n    order hosts cache\n    cache\n    whoami\n}\n", 2, "'hosts' is not in this block", false },
        { ". {\n    order root cache\n    root .\n    cache\n    whoami\n}\n", 2, "sees no queries", false },
        { ". {\n    order cache acl\n    acl {\n        block\n    }\n    cache\n    whoami\n}\n", 2, "'acl' stands behind 'cache': what it denies is denied all the same", false },
        { ". {\n    order whoami acl\n    acl {\n        block\n    }\n    whoami\n}\n", 2, "'acl' stands behind 'whoami'", false },
        { ". {\n    order acl rewrite\n    acl {\n        block\n    }\n    rewrite name a b\n    whoami\n}\n", 2, "'rewrite' stands behind 'acl': names that 'rewrite' makes are judged all the same", false },
        { ". {\n    order cache blocklist\n    blocklist {\n        block ads.example\n    }\n    cache\n    whoami\n}\n", 2, "names of the lists are answered by 'cache'", false },
        { ". {\n    order blocklist rewrite\n    blocklist {\n        block ads.example\n    }\n    rewrite name a b\n    whoami\n}\n", 2, "are not looked for in the lists", false },
        { ". {\n    order whoami ratelimit\n    ratelimit {\n        queries 10\n    }\n    whoami\n}\n", 2, "as often as he likes", false },
        { ". {\n    order forward cache\n    cache\n    forward . 192.0.2.1\n}\n", 2, "what 'forward' answers is never kept", false },
        { ". {\n    order whoami log\n    log\n    whoami\n}\n", 2, "what 'whoami' answers is not logged", false },
        { ". {\n    order whoami minimal\n    minimal\n    whoami\n}\n", 2, "it does nothing about what 'whoami' answers", false },
        { ". {\n    order whoami hosts\n    hosts {\n        fallthrough\n    }\n    whoami\n}\n", 3, "hosts: is not asked, because 'whoami'", false },

        // what starts, and is not what one wants
        { ".:1053 {\n    errors\n    forward . 127.0.0.1:1053\n}\n", 3, "go round in circles", false },
        { ".:1053 {\n    bind 127.0.0.1\n    forward . 192.0.2.1 127.0.0.1:1053\n}\n", 3, "go round in circles", false },
        { ".:1053 {\n    forward . 127.0.0.1:1054\n}\n.:1054 {\n    forward . [::1]:1053\n}\n", 2, "by way of", false },
        { ". {\n    forward . 192.0.2.1 192.0.2.1\n}\n", 2, "stands here already", false },
        { ". {\n    hosts {\n        192.0.2.1 web\n    }\n    forward . 192.0.2.1\n}\n", 5, "add 'fallthrough' to 'hosts'", false },
        { ". {\n    forward . 192.0.2.1\n    whoami\n}\n", 3, "is not asked", false },
        { ". {\n    forward . 192.0.2.1\n    forward . 192.0.2.2\n}\n", 3, "is not asked", false },
        { ". {\n    errors\n    cache\n}\n", 1, "no plugin of the block answers", false },
        { "example.org {\n}\n", 1, "has no plugins", false },
        { ". {\n    whoami\n}\nexample.org {\n    bind 127.0.0.1\n    whoami\n}\n", 5, "get only what is bound there", false },
        { ".:1053 {\n    health :1053\n    whoami\n}\n", 2, "where DNS is served", true },
        { ". {\n    health\n    whoami\n}\nexample.org {\n    health\n    whoami\n}\n", 6, "same page", false },
        { ". {\n    prometheus :9153\n    whoami\n}\nexample.org {\n    prometheus :9154\n    whoami\n}\n", 6, "same metrics", false },
        { ". {\n    cache {\n        success 100000000\n    }\n    forward . 192.0.2.1\n}\n", 3, "as good as no limit", false },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_planted_mistake_is_found_with_its_line(string corefile, int line, string words, bool isError)
    {
        CheckReport report = Check(corefile);
        DiagnosticSeverity severity = isError ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
        Assert.True(
            report.Findings.Any(f => f.Span.Line == line && f.Severity == severity && f.Message.Contains(words, StringComparison.Ordinal)),
            $"line {line}: {severity}: {words}\nis not among\n{string.Join('\n', report.Findings)}");
        Assert.Equal(isError, report.Errors > 0);
    }

    [Fact]
    public void There_are_more_than_fifty() => Assert.True(Mistakes.Count() >= 50);

    [Fact]
    public void A_server_that_the_machine_itself_is_told_to_ask_does_not_forward_there()
    {
        string file = Path.Combine(_directory, "resolv.conf");
        File.WriteAllText(file, "nameserver 127.0.0.1\n");
        Assert.Contains(Check($". {{\n    forward . {file}\n}}\n").Findings, f => f.Span.Line == 2 && f.Message.Contains("go round in circles", StringComparison.Ordinal));
    }

    [Fact]
    public void All_mistakes_of_a_file_are_found_at_once()
    {
        CheckReport report = Check("""
            . {
                forwrd . 192.0.2.1
                cache 1y
                bufsize 100
            }
            tls://example.org {
                forward .
            }
            """);
        Assert.Equal([2, 3, 4, 6, 7], report.Findings.Select(f => f.Span.Line));
    }

    /// <summary>What is meant as it is gets no warning.</summary>
    [Theory]
    [InlineData(".:1053 {\n    errors\n    cache\n    forward . 127.0.0.1:5353\n}\n")]
    [InlineData(".:1053 {\n    forward . 127.0.0.1:1054\n}\n.:1054 {\n    forward . 192.0.2.1\n}\n")]
    [InlineData(".:1053 {\n    forward . 192.0.2.1\n}\ncorp.example:1053 {\n    forward . 192.0.2.2\n}\n")]
    [InlineData("example.org:1053 {\n    forward . 127.0.0.1:1053\n}\n.:1053 {\n    bind 127.0.0.1\n    whoami\n}\nexample.org:1053 {\n    bind 127.0.0.1\n    whoami\n}\n")]
    [InlineData(". {\n    hosts {\n        192.0.2.1 web\n        fallthrough\n    }\n    kubernetes cluster.local\n    forward . 192.0.2.1 {\n        except corp.example\n    }\n    whoami\n}\n")]
    [InlineData(". {\n    prometheus\n    ready\n    whoami\n}\nexample.org {\n    prometheus\n    ready\n    whoami\n}\n")]
    [InlineData(". {\n    bind 127.0.0.1\n    whoami\n}\nexample.org {\n    bind 127.0.0.1\n    whoami\n}\n")]
    [InlineData(". {\n    order hosts cache\n    cache\n    hosts {\n        192.0.2.1 web\n        fallthrough\n    }\n    forward . 192.0.2.1\n}\n")]
    [InlineData(". {\n    order acl cache whoami\n    acl {\n        block\n    }\n    cache\n    whoami\n}\n")]
    public void A_good_file_is_left_in_peace(string corefile) => Assert.Empty(Check(corefile).Findings);

    [Fact]
    public void A_block_with_a_view_behind_one_without_is_never_asked()
    {
        var inspector = new CorefileInspector(
            new PluginCatalog([.. PluginOrder.All, new Support.TestPlugin("viewed", (query, next) => next.HandleAsync(query), s => s.Provide<IViewFilter>(new Everybody()))]),
            53,
            TimeProvider.System,
            NullLoggerFactory.Instance);
        CheckReport report = inspector.Check(Write(". {\n    whoami\n}\n. {\n    viewed\n    whoami\n}\n"));
        Assert.Contains(report.Findings, f => f.Span.Line == 4 && f.Message.Contains("no query gets here", StringComparison.Ordinal));
        report = inspector.Check(Write(". {\n    viewed\n    whoami\n}\n. {\n    whoami\n}\n"));
        Assert.Empty(report.Findings);
    }

    private CheckReport Check(string corefile) =>
        new CorefileInspector(new PluginCatalog(PluginOrder.All), 53, TimeProvider.System, NullLoggerFactory.Instance).Check(Write(corefile));

    private string Write(string corefile)
    {
        string path = Path.Combine(_directory, "Corefile");
        File.WriteAllText(path, corefile);
        return path;
    }

    private sealed class Everybody : IViewFilter
    {
        public string ViewName => "everybody";

        public bool Matches(Queries.DnsQuery query) => true;
    }
}
