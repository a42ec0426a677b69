using System.Net;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests;

/// <summary>What shapes and guards answers allocates nothing for those that come from memory, whether a cache or a source has them.</summary>
public sealed class QueryAllocationTests
{
    private const string Rules = "acl secret.example {\n block net 10.0.0.0/8\n}\nacl {\n drop type ANY\n filter type AAAA net 10.0.0.0/8\n allow net 192.0.2.0/24\n block\n}\n";
    private const string Lists = "blocklist {\n block ads.example tracker.example\n group office 192.0.2.0/24 {\n answer null\n }\n}\n";
    private const string View = "view v {\n expr incidr(client_ip(), '192.0.2.0/24') && type() in ['A', 'AAAA'] && name() endsWith '.example.org.' && name() matches '^[a-z]+\\\\.'\n expr len(split(name(), '.')) == 4\n}\n";

    public static TheoryData<string> Directives =>
    [
        "",
        Rules,
        "rewrite name old.example.org www.example.org\n" + Rules,
        "order hosts acl cache\n" + Rules,
        View,
        "ratelimit 1000000 {\n queries 1000000\n}\n",
        Lists,
        "header {\n response set aa\n response clear ra\n query set rd\n}\n",
        "minimal\n",
        "loadbalance\n",
        "loadbalance round_robin {\n prefer 192.0.2.0/25\n}\n",
        View + Rules + "ratelimit 1000000 {\n queries 1000000\n}\n" + Lists + "header {\n response set aa\n}\nminimal\nloadbalance\n",
    ];

    [Theory]
    [MemberData(nameof(Directives))]
    public async Task An_answer_from_memory_allocates_nothing(string directives)
    {
        var upstream = new ScriptedUpstream { TakesNotes = false };
        upstream.On("cached.example.org.", DnsRecordType.A, new ScriptedAnswer()
            .Answer("cached.example.org. 300 IN A 192.0.2.1", "cached.example.org. 300 IN A 192.0.2.2", "cached.example.org. 300 IN A 192.0.2.130")
            .Authority("example.org. 300 IN NS ns.example.org.")
            .Additional("ns.example.org. 300 IN A 192.0.2.53"));
        await using PluginHarness harness = PluginHarness.Corefile(
            $".:0 {{\n{directives}cache\nhosts {{\n192.0.2.80 www.example.org\n192.0.2.81 www.example.org\nfallthrough\n}}\nscripted\n}}\n.:0 {{\n{(directives.Contains("view", StringComparison.Ordinal) ? "" : "view never {\n expr false\n}\n")}whoami\n}}\n",
            plugins: [.. PluginOrder.All, upstream]);
        Assert.True(harness.IsAccepted, harness.Errors);
        await harness.StartAsync();
        harness.Chain.Client = new IPEndPoint(IPAddress.Parse("192.0.2.99"), 4000);
        foreach ((string name, int count) in ((string, int)[])[("cached.example.org.", 3), ("www.example.org.", 2)])
        {
            // The first one fills the cache.
            harness.Chain.Ask(name, DnsRecordType.A);
            Reply reply = new(harness.Chain.Ask(name, DnsRecordType.A));
            Assert.Equal((DnsResponseCode.NoError, count), (reply.Code, reply.Answer.Count));
            int length = harness.Chain.Begin(name, DnsRecordType.A);
            int octets = 0;
            AllocationAssert.None(() =>
            {
                harness.Chain.BeginAgain(length);
                octets = harness.Chain.Run();
            });
            Assert.NotEqual(0, octets);
        }
    }
}
