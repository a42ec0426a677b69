using System.Globalization;
using System.Net;
using MiniDns.Plugins;
using MiniDns.Plugins.FileZones;
using MiniDns.Plugins.Rpz;
using MiniDns.Plugins.Tests.Hosts;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rpz;

/// <summary>Policy zones in front of two ordinary zones, <c>good</c> and <c>example</c>.</summary>
internal sealed class RpzSetting : IAsyncDisposable
{
    public const string Soa = "$TTL 60\n@ SOA localhost. admin.localhost. 7 3600 600 86400 90\n@ NS localhost.\n";

    public const string Policy = Soa + """
        nx.example CNAME .
        nodata.example CNAME *.
        pass.example CNAME rpz-passthru.
        *.example CNAME .
        drop.example CNAME rpz-drop.
        tcp.example CNAME rpz-tcp-only.
        self.example CNAME self.example.
        local.example A 192.0.2.99
        local.example A 192.0.2.100
        local.example TXT "hi"
        cn.example CNAME garden.good.
        wc.example CNAME *.garden.good.
        *.wild.example CNAME *.garden.good.
        b.c.d.example CNAME .
        target.good CNAME .
        targetlocal.good A 192.0.2.98
        32.7.2.0.192.rpz-ip CNAME .
        32.8.2.0.192.rpz-ip CNAME *.
        32.9.2.0.192.rpz-ip A 192.0.2.97
        32.10.2.0.192.rpz-ip CNAME rpz-tcp-only.
        32.11.2.0.192.rpz-ip CNAME rpz-drop.
        32.12.2.0.192.rpz-ip CNAME rpz-passthru.
        24.0.3.0.192.rpz-ip CNAME .
        32.3.3.0.192.rpz-ip CNAME *.
        128.7.zz.db8.2001.rpz-ip CNAME .
        32.9.0.0.127.rpz-client-ip CNAME .

        """;

    private const string Good = """
        $TTL 300
        @ SOA ns.good. admin.good. 1 3600 600 86400 90
        @ NS ns
        ns A 127.0.0.1
        garden A 192.0.2.1
        *.garden A 192.0.2.2
        target A 192.0.2.3
        alias CNAME target
        alias2 CNAME targetlocal
        alias3 CNAME alias
        toevil CNAME nx.example.
        ip7 A 192.0.2.7
        ip8 A 192.0.2.8
        ip9 A 192.0.2.9
        ip10 A 192.0.2.10
        ip11 A 192.0.2.11
        ip12 A 192.0.2.12
        ip12 A 192.0.2.7
        ip7a CNAME ip7
        ip9a CNAME ip9
        mix A 192.0.2.9
        mix A 192.0.2.7
        mix A 192.0.2.5
        net A 192.0.3.1
        net A 192.0.3.3
        six AAAA 2001:db8::7
        plain A 192.0.2.50

        """;

    private const string Example = "$TTL 300\n@ SOA ns admin 1 3600 600 86400 90\n@ NS ns\nns A 127.0.0.1\n* A 192.0.2.40\n*.c.d A 192.0.2.41\n";

    private PluginHarness? _server;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("minidns-rpz").FullName;

    public ReformPlugin Form { get; init; } = new();

    public PluginHarness Server => _server!;

    public RpzZones Zones => Server.Provided<RpzZones>();

    public string Write(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Starts with lines of the directive; <c>DIR</c> is the directory. A later start replaces the configuration.</summary>
    public async Task<RpzSetting> StartAsync(string lines)
    {
        Write("good.zone", Good);
        Write("example.zone", Example);
        PluginHarness? before = _server;
        string corefile = "rpz {\n" + lines + "\n}\nreform\nfile DIR/good.zone good\nfile DIR/example.zone example";
        _server = PluginHarness.Stanza(corefile.Replace("DIR", Directory, StringComparison.Ordinal), before, [new RpzPlugin(), Form, new FilePlugin()]);
        Assert.True(_server.IsAccepted, _server.Errors);
        await _server.StartAsync();
        return this;
    }

    /// <summary>Starts with one policy zone, <c>rpz.test</c>.</summary>
    public Task<RpzSetting> StartWithAsync(string policy, string options = "")
    {
        Write("rpz.zone", policy);
        return StartAsync("zone rpz.test {\nfile DIR/rpz.zone\n" + options + "\n}");
    }

    /// <summary>Asks, and describes the reply: <see cref="ReplyText"/>, the additional section, the extended error.</summary>
    public async Task<string> AskAsync(string question, string client = "192.0.2.200", DnsTransport transport = DnsTransport.Tcp, bool edns = false)
    {
        string[] words = question.Split(' ');
        DnsRecordType type = words.Length > 1 ? Enum.Parse<DnsRecordType>(words[1]) : DnsRecordType.A;
        Server.Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4711);
        ReadOnlyMemory<byte> reply = await Server.Chain.AskAsync(words[0] + ".", type, edns, transport);
        if (Server.Chain.Outcome != DnsOutcome.Replied)
        {
            return Server.Chain.Outcome.ToString();
        }

        var message = new ParsedMessage(reply.Span);
        string soa = string.Concat(message.In(DnsSection.Additional).Where(r => r.Type == DnsRecordType.SOA).Select(r => string.Create(CultureInfo.InvariantCulture, $" + {r.Owner} {r.Ttl} SOA")));
        string error = edns && message.Options.Length > 6 ? string.Create(CultureInfo.InvariantCulture, $" EDE {message.Options[5]}") : string.Empty;
        return ReplyText.Of(reply.Span).Replace(" aa", "", StringComparison.Ordinal) + soa + error;
    }

    public double Metric(string name, params string[] labels) =>
        Server.Metrics.Snapshot().Single(m => m.Name == name && labels.All(l => m.Labels.Any(p => p.Value == l))).Read();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
