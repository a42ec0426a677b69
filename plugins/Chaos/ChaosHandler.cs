using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Chaos;

/// <summary>Answers TXT queries of class CH about the server: version, authors, host name (RFC 4892).</summary>
internal sealed class ChaosHandler(IDnsHandler next, ChaosOptions options, Random random) : IDnsHandler
{
    private static readonly DnsName VersionBind = DnsName.Parse("version.bind.");
    private static readonly DnsName VersionServer = DnsName.Parse("version.server.");
    private static readonly DnsName AuthorsBind = DnsName.Parse("authors.bind.");
    private static readonly DnsName HostNameBind = DnsName.Parse("hostname.bind.");
    private static readonly DnsName IdServer = DnsName.Parse("id.server.");

    private readonly byte[][] _version = [ChaosOptions.ToRdata(options.Version)];
    private readonly byte[][] _hostName = [ChaosOptions.ToRdata(options.HostName)];
    private readonly byte[][] _authors = [.. options.Authors.Select(ChaosOptions.ToRdata)];

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (query.Class != DnsRecordClass.CH || query.Type != DnsRecordType.TXT || Find(query.LowerName) is not { } texts)
        {
            return next.HandleAsync(query);
        }

        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);

        // No author is always the first.
        int first = texts.Length > 1 ? random.Next(texts.Length) : 0;
        for (int i = 0; i < texts.Length; i++)
        {
            response.AddSynthesized(DnsSection.Answer, query.LowerName, DnsRecordType.TXT, DnsRecordClass.CH, 0, texts[(first + i) % texts.Length]);
        }

        return new ValueTask<DnsOutcome>(DnsOutcome.Replied);
    }

    private byte[][]? Find(DnsNameView name) =>
        name.Equals(VersionBind.View) || name.Equals(VersionServer.View) ? _version
        : name.Equals(HostNameBind.View) || name.Equals(IdServer.View) ? _hostName
        : name.Equals(AuthorsBind.View) ? _authors
        : null;
}
