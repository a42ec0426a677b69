using MiniDns.Plugins.Loadbalance;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Loadbalance;

public sealed class WeightedTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-weights-").FullName;
    private readonly SnippetServices _services = new();

    private string FilePath => Path.Combine(_directory, "weights");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(AnswerForm.RRsets)]
    [InlineData(AnswerForm.Records)]
    [InlineData(AnswerForm.Wire)]
    [InlineData(AnswerForm.Image)]
    public void The_first_address_is_picked_by_weight_and_the_rest_stay(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }.Answer(
            "www.example.org. 300 IN A 192.0.2.1",
            "www.example.org. 300 IN A 192.0.2.2",
            "www.example.org. 300 IN A 192.0.2.3");
        (ChainHarness harness, ScriptedRandom random) = Harness("WWW.example.org\n192.0.2.2 5\n192.0.2.1 2\n", script, DnsRecordType.A);
        foreach ((int value, string order) in new[] { (0, "123"), (1, "123"), (2, "213"), (6, "213"), (7, "321") })
        {
            random.Value = value;
            Reply reply = new(harness.Ask("www.example.org.", DnsRecordType.A));
            Assert.Equal(order, string.Concat(reply.Answer.Select(r => r[^1])));
            Assert.Equal(8, random.Limit);
        }
    }

    [Theory]
    [InlineData(AnswerForm.RRsets)]
    [InlineData(AnswerForm.Image)]
    public void Of_several_names_and_types_one_address_goes_first(AnswerForm form)
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = form }
            .Answer("s.example.org. 300 IN SRV 1 1 80 a.example.org.", "s.example.org. 300 IN SRV 1 1 80 b.example.org.")
            .Additional("a.example.org. 300 IN A 192.0.2.1", "a.example.org. 300 IN A 192.0.2.2")
            .Additional("b.example.org. 300 IN AAAA 2001:db8::1", "b.example.org. 300 IN AAAA 2001:db8::2");
        const string Weights = "a.example.org\n192.0.2.2 5\nb.example.org\n2001:db8::2 4\n2001:db8::1 3\n";
        (ChainHarness harness, ScriptedRandom random) = Harness(Weights, script, DnsRecordType.SRV);
        foreach ((int value, string first) in new[] { (0, "192.0.2.1"), (1, "192.0.2.2"), (5, "192.0.2.2"), (6, "2001:db8::1"), (8, "2001:db8::1"), (9, "2001:db8::2"), (12, "2001:db8::2") })
        {
            random.Value = value;
            Reply reply = new(harness.Ask("s.example.org.", DnsRecordType.SRV));
            Assert.Equal(first, reply.Additional[0].Split(' ')[^1]);
            Assert.Equal(13, random.Limit);
            Assert.Equal(4, reply.Additional.Distinct().Count());
            Assert.Equal(2, reply.Answer.Count);
        }
    }

    [Fact]
    public void Questions_of_other_types_are_left_alone()
    {
        ScriptedAnswer script = new ScriptedAnswer().Answer("example.org. 300 IN MX 1 mx.example.org.", "example.org. 300 IN MX 2 mx.example.org.")
            .Additional("mx.example.org. 300 IN A 192.0.2.1", "mx.example.org. 300 IN A 192.0.2.2");
        (ChainHarness harness, ScriptedRandom random) = Harness("mx.example.org\n192.0.2.2 255\n", script, DnsRecordType.MX);
        random.Value = 200;
        Assert.Equal("192.0.2.1", new Reply(harness.Ask("example.org.", DnsRecordType.MX)).Additional[0].Split(' ')[^1]);
        Assert.Equal(0, random.Limit);
    }

    [Fact]
    public void Preferred_networks_come_before_weights()
    {
        ScriptedAnswer script = new ScriptedAnswer { Form = AnswerForm.Image }.Answer("www.example.org. 300 IN A 192.0.2.1", "www.example.org. 300 IN A 10.0.0.1");
        File.WriteAllText(FilePath, "www.example.org\n192.0.2.1 255\n10.0.0.1 1\n");
        SnippetSetup setup = SnippetSetup.Run(new LoadbalancePlugin(), $"loadbalance weighted {FilePath} {{\n prefer 10.0.0.0/8\n}}", _services);
        ChainHarness harness = setup.Harness(script.Prepare("www.example.org.", DnsRecordType.A));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("10.0.0.1", new Reply(harness.Ask("www.example.org.", DnsRecordType.A)).Answer[0].Split(' ')[^1]);
        }
    }

    [Theory]
    [InlineData("", 0, "")]
    [InlineData("w1,example.org\n192.168.1.15 10\n192.168.1.14 20\n", 1, "")]
    [InlineData("# one\nw1.example.org\n192.168.1.15   10\n\n w2.example.org\r\n\t192.168.2.16\t11\r\nw1.example.org.\n::1 255\n", 2, "")]
    [InlineData("w1.example.org\n192.168.1.14\n192.168.1.15 20\n", -1, "2: a weight is missing after the address '192.168.1.14'; write '192.168.1.14 10'")]
    [InlineData("192.168.1.14 10\nw2.example.org\n", -1, "1: an address stands before the first domain name")]
    [InlineData("w1.example.org\n192.168.1.300 10\n", -1, "2: '192.168.1.300' is not an IP address")]
    [InlineData("w1.example.org\n192.168.1.14 300\n192.168.1.14 0\n", -1, "2: '300' is not a weight; weights are 1 to 255|3: '0' is not a weight; weights are 1 to 255")]
    [InlineData("w1.example.org x y\n", -1, "1: 'w1.example.org x y' is neither a domain name nor an address with a weight")]
    [InlineData("w1..example.org\n192.0.2.1 1\n", -1, "1: 'w1..example.org' is not a domain name: ")]
    public void A_file_is_read_or_its_faults_are_named_by_line(string text, int names, string faults)
    {
        List<(int Line, string Message)> problems = [];
        WeightTable table = WeightText.Parse(text, problems);
        string found = string.Join('|', problems.Select(p => $"{p.Line}: {p.Message}"));
        Assert.StartsWith(faults, found, StringComparison.Ordinal);
        Assert.Equal(faults.Length == 0, found.Length == 0);
        Assert.Equal(names < 0, problems.Count > 0);
        Assert.True(names < 0 || table.Count == names);
    }

    [Fact]
    public async Task The_file_is_looked_at_again_and_a_bad_one_changes_nothing()
    {
        await File.WriteAllTextAsync(FilePath, "www.example.org\n192.0.2.1 7\n");
        WeightFile file = new(FilePath, TimeSpan.FromSeconds(10), _services.Build());
        await using (file)
        {
            Assert.Null(file.Read());
            await file.StartAsync(CancellationToken.None);
            Assert.Equal(7, WeightOf(file));

            await File.WriteAllTextAsync(FilePath, "www.example.org\n192.0.2.1 9\n");
            _services.Time.Advance(TimeSpan.FromSeconds(9));
            Assert.Equal(7, WeightOf(file));
            _services.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(9, WeightOf(file));

            await File.WriteAllTextAsync(FilePath, "www.example.org\n192.0.2.1 nine\n");
            _services.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(9, WeightOf(file));
            File.Delete(FilePath);
            _services.Time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal(9, WeightOf(file));

            await File.WriteAllTextAsync(FilePath, "www.example.org\n192.0.2.1 11\n");
            _services.Time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(11, WeightOf(file));
        }

        Assert.Equal(
            [
                $"Information plugin/loadbalance: read {FilePath}: weights for 1 names",
                $"Information plugin/loadbalance: read {FilePath}: weights for 1 names",
                $"Error plugin/loadbalance: {FilePath}:2: 'nine' is not a weight; weights are 1 to 255; the weights read before stay",
                $"Error plugin/loadbalance: {FilePath} cannot be read: Could not find file '{FilePath}'.; the weights read before stay",
                $"Information plugin/loadbalance: read {FilePath}: weights for 1 names",
            ],
            _services.Log.Lines);
    }

    [Fact]
    public void A_wrong_file_is_an_error_of_the_setup()
    {
        File.WriteAllText(FilePath, "www.example.org\n192.0.2.1 0\n192.0.2.2\n");
        SnippetSetup setup = SnippetSetup.Run(new LoadbalancePlugin(), $"loadbalance weighted {FilePath}");
        Assert.Equal(
            [
                $"{FilePath}:2:1: loadbalance: '0' is not a weight; weights are 1 to 255",
                $"{FilePath}:3:1: loadbalance: a weight is missing after the address '192.0.2.2'; write '192.0.2.2 10'",
            ],
            setup.Errors);
    }

    [Theory]
    [InlineData("", 0, 1)]
    [InlineData("reload 10s", 0, 1)]
    [InlineData("reload 0s", 1, 0)]
    public void A_missing_file_is_a_warning_while_it_is_looked_for(string property, int errors, int warnings)
    {
        SnippetSetup setup = SnippetSetup.Run(new LoadbalancePlugin(), $"loadbalance weighted {FilePath} {{\n {property}\n}}");
        Assert.Equal((errors, warnings), (setup.Errors.Count, setup.Warnings.Count));
    }

    [Theory]
    [InlineData("loadbalance", true)]
    [InlineData("loadbalance round_robin", true)]
    [InlineData("loadbalance weighted wfile", true)]
    [InlineData("loadbalance weighted wf {\n reload 10s\n}", true)]
    [InlineData("loadbalance {\n prefer 10.0.0.0/8 fd00::/8\n prefer 192.0.2.0/24\n}", true)]
    [InlineData("loadbalance fleeb", false)]
    [InlineData("loadbalance round_robin a", false)]
    [InlineData("loadbalance weighted", false)]
    [InlineData("loadbalance weighted a b", false)]
    [InlineData("loadbalance weighted wfile {\n susu\n}", false)]
    [InlineData("loadbalance weighted wfile {\n reload a\n}", false)]
    [InlineData("loadbalance weighted wfile {\n reload 30s  a\n}", false)]
    [InlineData("loadbalance weighted wfile {\n reload\n}", false)]
    [InlineData("loadbalance {\n reload 30s\n}", false)]
    [InlineData("loadbalance {\n prefer\n}", false)]
    [InlineData("loadbalance {\n prefer 10.0.0.0\n}", false)]
    [InlineData("loadbalance {\n prefer 10.0.0.0/33\n}", false)]
    [InlineData("loadbalance {\n prefer x/8\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted) =>
        Assert.Equal(isAccepted, SnippetSetup.Run(new LoadbalancePlugin(), lines).Errors.Count == 0);

    private static byte WeightOf(WeightFile file) =>
        WeightTable.Find(file.Table.Of(Protocol.Names.DnsName.Parse("www.example.org.").View), ClientAddress.From(new(System.Net.IPAddress.Parse("192.0.2.1"), 0)));

    private (ChainHarness Harness, ScriptedRandom Random) Harness(string weights, ScriptedAnswer script, DnsRecordType type)
    {
        File.WriteAllText(FilePath, weights);
        WeightFile file = new(FilePath, TimeSpan.Zero, _services.Build());
        Assert.Null(file.Read());
        ScriptedRandom random = new();
        string name = script.Sets[0].Owner.ToString();
        return (new ChainHarness(new LoadbalanceHandler(script.Prepare(name, type), new RecordOrder(random, file, []))), random);
    }

    private sealed class ScriptedRandom : Random
    {
        public int Value { get; set; }

        public int Limit { get; private set; }

        public override int Next(int maxValue)
        {
            Limit = maxValue;
            return Value;
        }
    }
}
