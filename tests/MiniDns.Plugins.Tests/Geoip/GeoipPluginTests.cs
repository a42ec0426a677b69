using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins.Geoip;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Geoip;

/// <summary>The directive and its labels, seen through the log.</summary>
public sealed class GeoipPluginTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-geoip-").FullName;

    private string City => Path.Combine(_directory, "city.mmdb");

    private string Asn => Path.Combine(_directory, "asn.mmdb");

    public GeoipPluginTests()
    {
        File.WriteAllBytes(City, GeoFiles.City());
        File.WriteAllBytes(Asn, GeoFiles.Asn());
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("192.0.2.1", "Cambridge false - -")]
    [InlineData("198.51.100.1", "Vienna true - -")]
    [InlineData("10.0.0.1", "- false - -")]
    public async Task The_log_tells_where_the_client_is(string client, string line)
    {
        var lines = new LineBook();
        await using PluginHarness server = Serve($"geoip {City}", lines);
        Ask(server, client);
        Assert.Equal("[INFO] " + line, Assert.Single(lines.All));
    }

    [Theory]
    [InlineData("192.0.2.1", "Cambridge false 64496 Example Net")]
    [InlineData("198.51.100.1", "Vienna true 0 -")]
    public async Task Several_databases_complete_each_other(string client, string line)
    {
        var lines = new LineBook();
        await using PluginHarness server = Serve($"geoip {City}\ngeoip {Asn}", lines);
        Ask(server, client);
        Assert.Equal("[INFO] " + line, Assert.Single(lines.All));
    }

    [Theory]
    [InlineData("edns-subnet", "198.51.100.0", 24, "Vienna")]
    [InlineData("edns-subnet", "2001:db8::", 56, "Cambridge")]
    [InlineData("edns-subnet", "198.51.100.0", 0, "Cambridge")]
    [InlineData("", "198.51.100.0", 24, "Cambridge")]
    public async Task A_resolver_tells_the_network_of_its_client(string property, string network, byte length, string city)
    {
        var lines = new LineBook();
        await using PluginHarness server = Serve($"geoip {City} {{\n{property}\n}}", lines);
        DnsQuery query = server.Chain.Query;
        int size = server.Chain.Begin("www.example.org.", DnsRecordType.A, dnssecOk: true);

        // The OPT record's data: one option, 8, with family, prefixes and address.
        byte[] address = [.. IPAddress.Parse(network).GetAddressBytes().Take((length + 7) / 8)];
        byte[] option = [0, 8, 0, (byte)(4 + address.Length), 0, (byte)(network.Contains(':') ? 2 : 1), length, 0, .. address];
        query.ReceiveBuffer[size - 1] = (byte)option.Length;
        option.CopyTo(query.ReceiveBuffer, size);
        server.Chain.Client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40000);
        server.Chain.BeginAgain(size + option.Length);
        server.Chain.Run();
        Assert.StartsWith($"[INFO] {city} ", Assert.Single(lines.All), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_view_goes_by_where_the_client_is()
    {
        string corefile = $$"""
            .:0 {
                view here {
                    expr metadata('geoip/city/name') == 'Cambridge'
                }
                metadata
                geoip {{City}}
                hosts /dev/null {
                    192.0.2.80 www.example.org
                }
            }
            .:0 {
                hosts /dev/null {
                    203.0.113.80 www.example.org
                }
            }
            """;
        await using PluginHarness server = PluginHarness.Corefile(corefile);
        Assert.Empty(server.Errors);
        foreach ((string client, string address) in ((string, string)[])[("192.0.2.1", "C0000250"), ("198.51.100.1", "CB007150"), ("10.0.0.1", "CB007150")])
        {
            server.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 40000);
            Assert.Equal(address, new ParsedMessage(server.Chain.Ask("www.example.org.", DnsRecordType.A).Span).Records[0].Rdata);
        }
    }

    [Fact]
    public async Task Labels_cost_no_allocation()
    {
        await using PluginHarness server = Serve($"geoip {City}\ngeoip {Asn}", new LineBook { KeepsAll = false });
        server.Chain.Client = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 40000);
        int length = server.Chain.Begin("www.example.org.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            server.Chain.BeginAgain(length);
            server.Chain.Run();
        });
    }

    [Fact]
    public async Task A_file_that_changes_is_read_anew_and_a_bad_one_is_not_used()
    {
        var lines = new LineBook();
        await using PluginHarness server = await Serve($"geoip {City}", lines).StartAsync();
        await BecomesAsync(server, lines, "Cambridge");

        // Another one in its place, as downloads put it; rubbish; gone; right again.
        Replace(new MmdbWriter("GeoLite2-City").Add("192.0.2.0/24", Named("Elsewhere")).Build());
        await BecomesAsync(server, lines, "Elsewhere");
        Replace("<html>"u8.ToArray());
        await LogsAsync(server, "it is no MaxMind DB file");
        await BecomesAsync(server, lines, "Elsewhere");
        File.Delete(City);
        await LogsAsync(server, "Could not find file");
        await BecomesAsync(server, lines, "Elsewhere");
        Assert.True(Metric(server, "minidns_geoip_failures_total") >= 2);
        Replace(GeoFiles.City());
        await BecomesAsync(server, lines, "Cambridge");
        Assert.Equal(GeoFiles.City().Length, Metric(server, "minidns_geoip_bytes"));
        Assert.Equal(1_700_000_000, Metric(server, "minidns_geoip_build_timestamp_seconds"));
    }

    [Fact]
    public void A_file_that_is_gone_a_second_time_is_told_of_a_second_time()
    {
        string elsewhere = City + ".elsewhere";
        var file = new GeoFile(City, new SnippetServices().Build(), previous: null);
        Assert.Null(file.Refresh());
        for (int i = 0; i < 2; i++)
        {
            File.Move(City, elsewhere);
            Assert.Contains("Could not find file", file.Refresh(), StringComparison.Ordinal);
            Assert.Contains("Could not find file", file.Refresh(), StringComparison.Ordinal);
            File.Move(elsewhere, City);
            Assert.Null(file.Refresh());
        }

        Assert.NotNull(file.Database);
    }

    [Fact]
    public async Task A_reload_keeps_what_is_known_of_a_file_that_has_gone_bad()
    {
        await using PluginHarness first = Serve($"geoip {City}", new LineBook());
        File.WriteAllText(City, "gone bad");
        var lines = new LineBook();
        await using PluginHarness second = Serve($"geoip {City}", lines, first);
        Assert.True(second.IsAccepted, second.Errors);
        Assert.Contains(second.Diagnostics.Items, i => i.Severity == DiagnosticSeverity.Warning && i.Message.Contains("what was read before stays", StringComparison.Ordinal));
        Ask(second, "192.0.2.1");
        Assert.StartsWith("[INFO] Cambridge", Assert.Single(lines.All), StringComparison.Ordinal);
        await using PluginHarness fresh = Serve($"geoip {City}", new LineBook());
        Assert.Equal($"Corefile:4:7: error: geoip: '{City}' cannot be read: it is no MaxMind DB file, or not whole", fresh.Errors);
    }

    [Theory]
    [InlineData("geoip", "2:1: error: geoip: the path of a MaxMind DB file is expected after 'geoip'")]
    [InlineData("geoip {CITY} 2 3", "2:{END}: error: geoip: '2' is one argument too many")]
    [InlineData("geoip {CITY} {\nlanguages en\n}", "3:1: error: geoip: unknown property 'languages'; known are: edns-subnet")]
    [InlineData("geoip /nowhere/city.mmdb", "2:7: error: geoip: '/nowhere/city.mmdb' cannot be read: Could not find a part of the path '/nowhere/city.mmdb'.")]
    public void What_is_wrong_is_said(string lines, string error)
    {
        PluginHarness server = PluginHarness.Stanza(lines.Replace("{CITY}", City, StringComparison.Ordinal));
        Assert.Equal("Corefile:" + error.Replace("{END}", $"{8 + City.Length}", StringComparison.Ordinal), server.Errors);
    }

    [Fact]
    public void Without_metadata_it_is_of_no_use()
    {
        PluginHarness server = PluginHarness.Stanza($"geoip {City}\nwhoami");
        Assert.Contains(server.Diagnostics.Items, i => i.Message.Contains("'metadata'", StringComparison.Ordinal));
    }

    private static PluginHarness Serve(string directives, LineBook lines, PluginHarness? previous = null) =>
        PluginHarness.Stanza("metadata\nlog . \"{/geoip/city/name} {/geoip/country/is_in_european_union} {/geoip/asn/number} {/geoip/asn/org}\"\n" + directives + "\nwhoami", previous, lines: lines);

    private static Dictionary<string, object> Named(string city) =>
        new() { ["city"] = new Dictionary<string, object> { ["names"] = new Dictionary<string, object> { ["en"] = city } } };

    private static void Ask(PluginHarness server, string client)
    {
        server.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 40000);
        server.Chain.Ask("www.example.org.", DnsRecordType.A);
    }

    private static double Metric(PluginHarness server, string name) => server.Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    private static async Task BecomesAsync(PluginHarness server, LineBook lines, string city) => await EventuallyAsync(server, () =>
    {
        Ask(server, "192.0.2.1");
        return lines.Last.StartsWith($"[INFO] {city} ", StringComparison.Ordinal);
    });

    private static async Task LogsAsync(PluginHarness server, string text) =>
        await EventuallyAsync(server, () => server.Log.Lines.Any(l => l.Contains(text, StringComparison.Ordinal)));

    /// <summary>Waits for a condition while the clock goes on.</summary>
    private static async Task EventuallyAsync(PluginHarness server, Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "it did not come to pass:\n" + string.Join('\n', server.Log.Lines));
            await Task.Delay(5);
            server.Time.Advance(TimeSpan.FromMilliseconds(50));
        }
    }

    private void Replace(byte[] content)
    {
        string other = City + ".new";
        File.WriteAllBytes(other, content);
        File.Move(other, City, overwrite: true);
    }
}
