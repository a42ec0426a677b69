using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Inspection;
using MiniDns.Server.Tests.Support;

namespace MiniDns.Server.Tests.Inspection;

public sealed class ExplainTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-explain-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Each_plugin_that_saw_the_query_is_told_in_order()
    {
        ExplainReport report = await ExplainAsync(". {\n    whoami\n    errors\n    cache\n    hosts {\n        192.0.2.1 web.example\n        fallthrough\n    }\n}\n", "web.example", DnsRecordType.A);
        Assert.Equal(["errors", "cache", "hosts"], report.Steps.Select(s => s.Plugin));
        Assert.Equal([true, true, false], report.Steps.Select(s => s.PassedOn));
        Assert.Equal([false, false, true], report.Steps.Select(s => s.IsAuthor));
        Assert.All(report.Steps, s => Assert.True(s.IsDone && s.Replied && s.Own >= TimeSpan.Zero));
        Assert.Equal(1, report.Block!.Span.Line);
        Assert.Equal(["dns://.:53"], report.Block.Keys);
        Assert.Equal("dns://:53", report.Server);
        Assert.True(DnsHeader.TryRead(report.Reply.Span, out DnsHeader header) && header is { ResponseCode: DnsResponseCode.NoError, AnswerCount: 1 });
    }

    [Fact]
    public async Task Questions_of_the_servers_own_stand_below_who_asked_them()
    {
        ExplainReport report = await ExplainAsync(". {\n    search my.example {\n        ndots 1\n    }\n    hosts {\n        192.0.2.1 web.my.example\n    }\n}\n", "web", DnsRecordType.A);
        Assert.Equal(("search", 0), (report.Steps[0].Plugin, report.Steps[0].Depth));
        Assert.Contains("web.my.example. A", report.Steps[0].Asked);
        Assert.Contains(report.Steps, s => s is { Plugin: "hosts", Depth: 1, IsAuthor: true } && s.Name == DnsName.Parse("web.my.example."));
        Assert.True(report.Steps[0].IsAuthor || report.Steps[0].Replied);
    }

    [Theory]
    [InlineData(null, DnsTransport.Udp, "dns://:53")]
    [InlineData(DnsTransport.Tcp, DnsTransport.Tcp, "dns://:53")]
    [InlineData(DnsTransport.Tls, DnsTransport.Tls, "tls://:853")]
    [InlineData(DnsTransport.Https, DnsTransport.Https, "https://:443")]
    public async Task The_way_of_asking_says_which_address_is_asked(DnsTransport? transport, DnsTransport used, string server)
    {
        const string Corefile = ". {\n    whoami\n}\ntls://. https://. {\n    tls off\n    whoami\n}\n";
        ExplainReport report = await Inspector().ExplainAsync(Write(Corefile), new ExplainRequest(DnsName.Parse("a."), DnsRecordType.A) { Transport = transport }, CancellationToken.None);
        Assert.Equal((used, server), (report.Transport, report.Server));
    }

    [Fact]
    public async Task What_is_not_served_in_plain_text_is_asked_as_it_is_served()
    {
        const string Corefile = "https://. {\n    tls off\n    whoami\n}\n";
        ExplainReport report = await Inspector().ExplainAsync(Write(Corefile), new ExplainRequest(DnsName.Parse("a."), DnsRecordType.A), CancellationToken.None);
        Assert.Equal((DnsTransport.Https, "https://:443"), (report.Transport, report.Server));
        report = await Inspector().ExplainAsync(Write(Corefile), new ExplainRequest(DnsName.Parse("a."), DnsRecordType.A) { Transport = DnsTransport.Tls }, CancellationToken.None);
        Assert.Equal(["https://[::]:443"], report.OtherAddresses);
    }

    [Fact]
    public async Task A_changed_question_is_told()
    {
        DnsName other = DnsName.Parse("other.example.");
        var renamer = new TestPlugin("renamer", (query, next) =>
        {
            query.SetQuestion(other.View, DnsRecordType.AAAA);
            return next.HandleAsync(query);
        });
        var answerer = new TestPlugin("answerer", (query, _) => new ValueTask<DnsOutcome>(query.Reply(DnsResponseCode.NameError)));
        ExplainReport report = await ExplainAsync(". {\n    renamer\n    answerer\n}\n", "web.example", DnsRecordType.A, renamer, answerer);
        Assert.Equal("other.example. AAAA", report.Steps[0].PassedOnAs);
        Assert.Equal((other, DnsResponseCode.NameError), (report.Steps[1].Name, report.Steps[1].Code));
    }

    [Fact]
    public async Task An_exception_a_drop_and_an_end_of_the_chain_are_told()
    {
        var scripted = new ScriptedPlugin();
        ExplainReport thrown = await ExplainAsync(". {\n    scripted\n}\n", "throw.example", DnsRecordType.A, scripted);
        Assert.Contains("thrown on purpose", thrown.Steps.Single().Failure, StringComparison.Ordinal);
        Assert.True(DnsHeader.TryRead(thrown.Reply.Span, out DnsHeader header) && header.ResponseCode == DnsResponseCode.ServerFailure);
        ExplainReport dropped = await ExplainAsync(". {\n    scripted\n}\n", "drop.example", DnsRecordType.A, scripted);
        Assert.True(dropped.Steps.Single().Dropped);
        Assert.Equal(0, dropped.Reply.Length);
        ExplainReport unclaimed = await ExplainAsync(". {\n    scripted\n}\n", "pass.example", DnsRecordType.A, scripted);
        Assert.False(unclaimed.Steps.Single().Replied);
    }

    [Fact]
    public async Task What_never_ends_is_given_up()
    {
        var scripted = new ScriptedPlugin();
        try
        {
            ExplainReport report = await ExplainAsync(". {\n    scripted\n}\n", "held-1.example", DnsRecordType.A, scripted);
            Assert.True(report.TimedOut);
            Assert.False(report.Steps.Single().IsDone);
        }
        finally
        {
            scripted.Release();
        }
    }

    [Fact]
    public async Task A_name_outside_every_zone_is_refused()
    {
        ExplainReport report = await ExplainAsync("example.org {\n    whoami\n}\n", "example.net", DnsRecordType.A);
        Assert.Null(report.Block);
        Assert.Empty(report.Steps);
        Assert.True(DnsHeader.TryRead(report.Reply.Span, out DnsHeader header) && header.ResponseCode == DnsResponseCode.Refused);
    }

    [Fact]
    public async Task A_wrong_Corefile_is_not_started()
    {
        ExplainReport report = await ExplainAsync(". {\n    whoamy\n}\n", "example.net", DnsRecordType.A);
        Assert.Equal(1, report.Check.Errors);
        Assert.Empty(report.Steps);
    }

    [Fact]
    public async Task What_would_disturb_a_running_server_is_not_started()
    {
        string snapshot = Path.Combine(_directory, "cache.snapshot");
        await ExplainAsync($". {{\n    cache {{\n        snapshot {snapshot}\n    }}\n    hosts {{\n        192.0.2.1 web.example\n    }}\n}}\n", "web.example", DnsRecordType.A);
        Assert.False(File.Exists(snapshot));
    }

    [Fact]
    public void A_plan_tells_chains_listeners_and_pages()
    {
        PlanReport report = Inspector().Describe(Write("example.org:1053 example.net:1054 {\n    whoami\n    errors\n    bind 127.0.0.1\n    health :8080\n    file db.x {\n        fallthrough\n    }\n}\n"));
        PlannedBlock block = report.Blocks.Single();
        Assert.Equal(["dns://example.org.:1053", "dns://example.net.:1054"], block.Keys);
        Assert.Equal(["errors", "file", "whoami"], block.Chain);
        Assert.Equal(["bind", "health"], block.Settings);
        Assert.Equal(["127.0.0.1:1053", "127.0.0.1:1054"], report.Listeners.Select(l => l.Address.ToString()));
        Assert.Equal([["example.org."], ["example.net."]], report.Listeners.Select(l => l.Zones));
        Assert.Equal((new IPEndPoint(IPAddress.IPv6Any, 8080), "/health", "health"), report.Pages.Select(p => (p.Address, p.Path, p.Plugin)).Single());
    }

    [Fact]
    public void Without_anybody_who_watches_chains_are_as_they_were()
    {
        var services = new DnsServices(NullLoggerFactory.Instance, TimeProvider.System, new MiniDns.Diagnostics.MetricRegistry(), new HostFacts("x", "y"));
        var dispatcher = new MiniDns.Server.Pipeline.QueryDispatcher(services);
        IDnsHandler own = new ScriptedPlugin();
        var plugin = new Fixed(own);
        ServerPlan plan = new ServerPlanBuilder(new PluginCatalog([plugin]), services, dispatcher, 53)
            .Build(MiniDns.Configuration.CorefileParser.Parse("Corefile", ". {\n    fixed\n}\n", new()), previous: null, new())!;
        var query = new DnsQuery(512, 512);
        query.Begin(query.WriteQuestion(DnsName.Parse("a.").View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: false), DnsTransport.Udp);
        Assert.Same(own, plan.Endpoints[0].Routes.Match(query)!.Chain);
    }

    private Task<ExplainReport> ExplainAsync(string corefile, string name, DnsRecordType type, params IDnsPlugin[] own) =>
        Inspector(own).ExplainAsync(Write(corefile), new ExplainRequest(DnsName.Parse(name), type) { Patience = TimeSpan.FromSeconds(3) }, CancellationToken.None);

    private static CorefileInspector Inspector(params IDnsPlugin[] own) => new(new PluginCatalog(Corefiles.With(own)), 53, TimeProvider.System, NullLoggerFactory.Instance);

    private string Write(string corefile)
    {
        string path = Path.Combine(_directory, "Corefile");
        File.WriteAllText(path, corefile);
        return path;
    }

    private sealed class Fixed(IDnsHandler handler) : IDnsPlugin
    {
        public string Name => "fixed";

        public void Setup(PluginSetup setup) => setup.Use(_ => handler);
    }
}
