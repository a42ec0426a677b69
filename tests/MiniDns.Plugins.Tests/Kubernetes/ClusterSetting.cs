using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Kubernetes;

/// <summary>A server that follows manifests in a directory of its own.</summary>
internal sealed class ClusterSetting : IAsyncDisposable
{
    private readonly string _directory;

    private ClusterSetting(string directory)
    {
        _directory = directory;
    }

    public PluginHarness Server { get; private set; } = null!;

    /// <summary>Talks to a server that somebody else started.</summary>
    public static ClusterSetting Of(PluginHarness server) => new(string.Empty) { Server = server };

    public string File => Path.Combine(_directory, "cluster.yaml");

    /// <summary>Starts a server.</summary>
    /// <param name="manifests">The documents.</param>
    /// <param name="properties">Lines of the directive.</param>
    /// <param name="zones">The directive's zones.</param>
    /// <param name="others">Other directives of the block; DIR stands for the directory.</param>
    public static async Task<ClusterSetting> StartAsync(string manifests, string properties = "", string zones = "cluster.local", string others = "")
    {
        var setting = new ClusterSetting(Directory.CreateTempSubdirectory("minidns-cluster").FullName);
        await System.IO.File.WriteAllTextAsync(setting.File, manifests);
        setting.Server = PluginHarness.Stanza($"kubernetes {zones} {{\nmanifests {setting.File}\n{properties}\n}}\n{others}".Replace("DIR", setting._directory, StringComparison.Ordinal));
        Assert.True(setting.Server.IsAccepted, setting.Server.Errors);
        await setting.Server.StartAsync();
        return setting;
    }

    /// <summary>Asks, and tells the reply: the code, records of the answer, <c>//</c> authority, <c>++</c> additional, <c>!</c> and extended errors.</summary>
    public string Say(string name, DnsRecordType type = DnsRecordType.A)
    {
        ReadOnlyMemory<byte> reply = Server.Chain.Ask(name, type, dnssecOk: true);
        if (Server.Chain.Outcome != DnsOutcome.Replied)
        {
            return Server.Chain.Outcome.ToString();
        }

        var message = new ParsedMessage(reply.Span);
        var text = new StringBuilder(message.Code.ToString());
        foreach ((DnsSection section, string mark) in new[] { (DnsSection.Answer, " | "), (DnsSection.Authority, " // "), (DnsSection.Additional, " ++ ") })
        {
            foreach (ParsedMessage.Record record in message.In(section))
            {
                // of a SOA only the owner: its serial is the time
                string rdata = record.Type == DnsRecordType.SOA ? "" : " " + RdataText(record);
                text.Append(mark).Append(record.Owner == name ? "@" : record.Owner).Append(' ').Append(record.Type).Append(rdata);
            }
        }

        foreach (EdnsOption option in new EdnsOptionEnumerator(message.Options))
        {
            if (option.Code == EdnsOptionCode.ExtendedError)
            {
                text.Append(" !").Append((EdnsErrorCode)((option.Data[0] << 8) | option.Data[1]));
            }
        }

        return text.ToString();
    }

    /// <summary>The times to live of a reply's records.</summary>
    public uint[] Ttls(string name, DnsRecordType type = DnsRecordType.A) =>
        [.. new ParsedMessage(Server.Chain.Ask(name, type).Span).Records.Select(r => r.Ttl)];

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private static string RdataText(ParsedMessage.Record record) =>
        Protocol.Presentation.RdataText.Format(record.Type, Convert.FromHexString(record.Rdata));
}
