using System.Net;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Plugins.Log;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Log;

public sealed class LogJsonTests
{
    [Fact]
    public void A_line_is_an_object_of_all_placeholders()
    {
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log {json}", services).Harness(new FuncHandler(q =>
        {
            services.Time.Advance(TimeSpan.FromTicks(379902));
            q.Local = ClientAddress.From(new IPEndPoint(IPAddress.Parse("fe80::1"), 53));
            return q.Reply(DnsResponseCode.NameError);
        }));
        string time = services.Time.GetUtcNow().AddTicks(379902).UtcDateTime.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        harness.Ask("Example.ORG.", DnsRecordType.A, dnssecOk: true);
        Assert.Equal(
            $$"""{"time":"{{time}}","level":"info","remote":"127.0.0.1","port":40000,"local":"fe80::1","id":0,"opcode":0,"type":"A","class":"IN","name":"example.org.","proto":"udp","size":40,"do":true,"bufsize":4096,"rcode":"NXDOMAIN","rflags":"qr,rd","rsize":40,"duration":0.0379902,"log/class":"denial","log/type":"NXDOMAIN"}""",
            services.Lines.Last);
    }

    [Fact]
    public void Silence_has_no_code()
    {
        SnippetServices services = new();
        SnippetSetup.Run(new LogPlugin(), "log {json}", services).Harness(new FuncHandler(_ => DnsOutcome.Dropped)).Ask("example.org.", DnsRecordType.A);
        JsonElement line = Parse(services.Lines.Last);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("rcode").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.GetProperty("rflags").ValueKind);
        Assert.Equal(0, line.GetProperty("rsize").GetInt32());
        Assert.Equal("error", line.GetProperty("log/class").GetString());
    }

    [Fact]
    public void Any_name_makes_one_line_that_reads_back() => Prop.ForAll<byte[]>(octets =>
    {
        byte[] label = [.. octets.Take(63)];
        byte[] wire = label.Length == 0 ? [0] : [(byte)label.Length, .. label, 0];
        DnsName name = new DnsNameView(wire).ToName();
        SnippetServices services = new();
        ChainHarness harness = SnippetSetup.Run(new LogPlugin(), "log {json}", services).Harness(new FuncHandler(q => q.Refuse()));
        harness.Ask(name.ToString(), DnsRecordType.TXT);
        string line = services.Lines.Last;
        return !line.Contains('\n', StringComparison.Ordinal) && Parse(line).GetProperty("name").GetString() == harness.Query.LowerName.ToString();
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Metadata_is_told_where_it_has_a_value()
    {
        LineBook lines = new();
        PluginHarness harness = PluginHarness.Stanza("metadata\nlog {json}\nview inside {\n expr true\n}\nforward . 127.0.0.1\nwhoami", lines: lines);
        Assert.True(harness.IsAccepted, harness.Errors);
        harness.Chain.Ask("example.org.", DnsRecordType.A);
        JsonElement line = Parse(lines.Last);
        Assert.Equal("inside", line.GetProperty("view/name").GetString());
        Assert.False(line.TryGetProperty("forward/upstream", out _));
    }

    [Theory]
    [InlineData("log {json}", true)]
    [InlineData("log . \"{json} {/kubernetes/client-label/app} {/x/y}\"", true)]
    [InlineData("log . \"{json} {name}\"", false)]
    [InlineData("log . \"query {json}\"", false)]
    [InlineData("log . {json} {\n sample 1/100\n}", true)]
    [InlineData("log {\n sample 1/100 keep error denial\n slower 50ms keep error\n}", true)]
    [InlineData("log {\n sample\n}", false)]
    [InlineData("log {\n sample 100\n}", false)]
    [InlineData("log {\n sample 1/0\n}", false)]
    [InlineData("log {\n sample 1/-1\n}", false)]
    [InlineData("log {\n sample 1/x\n}", false)]
    [InlineData("log {\n sample 1/10 error\n}", false)]
    [InlineData("log {\n sample 1/10 keep\n}", false)]
    [InlineData("log {\n sample 1/10 keep everything\n}", false)]
    [InlineData("log {\n slower\n}", false)]
    [InlineData("log {\n slower 0s\n}", false)]
    [InlineData("log {\n slower fast\n}", false)]
    public void A_setup_is_accepted_or_refused(string directives, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new LogPlugin(), directives);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    private static JsonElement Parse(string line) => JsonDocument.Parse(line).RootElement;
}
