using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Plugins.Capabilities;
using MiniDns.Plugins.Log;
using MiniDns.Plugins.Metadata;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Plugins.Whoami;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Metadata;

public sealed class MetadataPluginTests
{
    [Theory]
    [InlineData("metadata", true)]
    [InlineData("metadata example.com.", true)]
    [InlineData("metadata example.com. net.", true)]
    [InlineData("metadata 10.0.0.0/8", true)]
    [InlineData("metadata example.com. {\n some_param\n}", false)]
    [InlineData("metadata\nmetadata", false)]
    [InlineData("metadata a..b", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new MetadataPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    [Theory]
    [InlineData("example.org.", true)]
    [InlineData("www.Example.ORG.", true)]
    [InlineData("example.com.", false)]
    [InlineData("1.0.0.10.in-addr.arpa.", true)]
    public void Names_in_its_zones_are_covered(string name, bool isCovered)
    {
        var scope = new MetadataScope([DnsName.Parse("example.org."), DnsName.Parse("10.in-addr.arpa.")]);
        Assert.Equal(isCovered, scope.Covers(Asked(name)));
    }

    [Theory]
    [InlineData("metadata", "{/knowing/first}|{/knowing/nothing}|{/other/first}", "first of www.example.org.|-|-")]
    [InlineData("metadata example.org", "{/knowing/first}", "first of www.example.org.")]
    [InlineData("metadata example.com", "{/knowing/first}", "-")]
    [InlineData("", "{/knowing/first}", "-")]
    [InlineData("metadata", "{/knowing/rude}", "two?lines")]
    [InlineData("metadata", "{name} {/knowing/long}", "www.example.org. " + Thousand)]
    public async Task The_log_has_the_values_of_labels_where_metadata_is_on(string directive, string format, string line)
    {
        var lines = new LineBook();
        await using PluginHarness server = Serve($"{directive}\nlog . \"{format}\"\nknowing\nwhoami", lines);
        server.Chain.Ask("www.example.org.", DnsRecordType.A);
        Assert.Equal("[INFO] " + line, Assert.Single(lines.All));
    }

    [Fact]
    public async Task A_label_in_the_log_costs_no_allocation()
    {
        await using PluginHarness server = Serve("metadata\nlog . \"{name} {/knowing/first} {/knowing/nothing}\"\nknowing\nwhoami", new LineBook { KeepsAll = false });
        int length = server.Chain.Begin("www.example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            server.Chain.BeginAgain(length);
            server.Chain.Run();
        });
    }

    private const string Hundred = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    private const string Thousand = Hundred + Hundred + Hundred + Hundred + Hundred + Hundred + Hundred + Hundred + Hundred + Hundred + "xxxxxxxxxxxxxxxxxxxxxxxx";

    private static DnsQuery Asked(string name)
    {
        var query = new DnsQuery(512, 512);
        Assert.Equal(QueryVerdict.Accept, query.Begin(query.WriteQuestion(DnsName.Parse(name).View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: false), DnsTransport.Udp));
        return query;
    }

    private static PluginHarness Serve(string stanza, ILineWriter lines)
    {
        PluginHarness server = PluginHarness.Stanza(stanza, plugins: [new MetadataPlugin(), new LogPlugin(), new Knowing(), new WhoamiPlugin()], lines: lines);
        Assert.True(server.IsAccepted, server.Errors);
        return server;
    }

    /// <summary>Knows things about the asked name.</summary>
    private sealed class Knowing : IDnsPlugin, IMetadataSource
    {
        public string Name => "knowing";

        public IReadOnlyList<string> Labels { get; } = ["knowing/first", "knowing/nothing", "knowing/rude", "knowing/long"];

        public void Setup(PluginSetup setup) => setup.Provide<IMetadataSource>(this);

        public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
        {
            written = 0;
            switch (label)
            {
                case 0:
                    Span<byte> name = stackalloc byte[DnsNameText.MaxChars];
                    int length = DnsNameText.Format(query.AskedName, name);
                    "first of "u8.CopyTo(destination);
                    name[..length].CopyTo(destination[9..]);
                    written = 9 + length;
                    return true;
                case 2:
                    "two\nlines"u8.CopyTo(destination);
                    written = 9;
                    return true;
                case 3:
                    destination.Fill((byte)'x');
                    written = destination.Length;
                    return true;
                default:
                    return false;
            }
        }
    }
}
