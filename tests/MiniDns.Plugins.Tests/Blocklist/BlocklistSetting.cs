using System.Net;
using MiniDns.Plugins.Blocklist;
using MiniDns.Plugins.NameLists;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Blocklist;

/// <summary>A directive with lists in a directory of its own.</summary>
internal sealed class BlocklistSetting : IAsyncDisposable
{
    private SnippetSetup? _setup;

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("minidns-blocklist").FullName;

    public SnippetServices Services { get; } = new();

    public ChainHarness Chain { get; private set; } = null!;

    public NameListFiles Files => Assert.IsType<NameListFiles>(_setup!.Components.Single());

    public IReadOnlyList<string> Warnings => _setup!.Warnings;

    public string Write(string name, string text)
    {
        string path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Starts; <c>DIR</c> in the lines is the directory.</summary>
    public async Task<BlocklistSetting> StartAsync(string lines)
    {
        _setup = SnippetSetup.Run(new BlocklistPlugin(), "blocklist {\n" + lines.Replace("DIR", Directory, StringComparison.Ordinal) + "\n}", Services);
        Assert.Empty(_setup.Errors);
        foreach (IServerComponent component in _setup.Components)
        {
            await component.StartAsync(CancellationToken.None);
        }

        Chain = _setup.Harness(new FuncHandler(q =>
        {
            q.Response.AddSynthesized(DnsSection.Answer, q.LowerName, DnsRecordType.TXT, DnsRecordClass.IN, 60, [2, (byte)'o', (byte)'k']);
            return DnsOutcome.Replied;
        }));
        return this;
    }

    /// <summary>Asks: <c>next</c>, or the code, the answer and the extended error of a blocked name.</summary>
    public string Ask(string name, DnsRecordType type = DnsRecordType.A, string client = "192.0.2.1", DnsRecordClass @class = DnsRecordClass.IN)
    {
        Chain.Client = new IPEndPoint(IPAddress.Parse(client), 4711);
        var reply = new ParsedMessage(Chain.Ask(name, type, dnssecOk: true, @class: @class).Span);
        if (reply.In(DnsSection.Answer) is [{ Type: DnsRecordType.TXT }])
        {
            return "next";
        }

        string error = reply.Options.Length > 6 ? $" EDE {reply.Options[5]}" : string.Empty;
        string records = string.Join(' ', reply.Records.Where(r => r.Type != DnsRecordType.OPT).Select(r => $"{r.Type} {r.Ttl} {(r.Type == DnsRecordType.SOA ? string.Empty : r.Rdata)}".TrimEnd()));
        return $"{reply.Code} {records}".TrimEnd() + error;
    }

    public double Metric(string name, string list) => Services.Metrics.Snapshot().Single(m => m.Name == name && m.Labels.Any(l => l.Value == list)).Read();

    public async ValueTask DisposeAsync()
    {
        foreach (IServerComponent component in _setup?.Components ?? [])
        {
            await component.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
