using System.Globalization;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Tests.Transfers;

/// <summary>Writes down what a transfer brings: <c>+ www.example.org. A 3600 C0000201</c>.</summary>
internal sealed class CollectingSink : ITransferSink
{
    public List<string> Lines { get; } = [];

    /// <summary>Lines without SOA records.</summary>
    public IReadOnlyList<string> Data => [.. Lines.Where(l => !l.Contains(" SOA ", StringComparison.Ordinal))];

    public TransferKind? Kind { get; private set; }

    public uint Serial { get; private set; }

    public void Begin(TransferKind kind, uint serial)
    {
        Assert.Null(Kind);
        Assert.Empty(Lines);
        (Kind, Serial) = (kind, serial);
    }

    public void Add(in TransferRecord record) => Note('+', record);

    public void Remove(in TransferRecord record) => Note('-', record);

    private void Note(char sign, in TransferRecord record)
    {
        Assert.NotNull(Kind);
        Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{sign} {record.Owner.ToString()} {DnsTypeText.Format(record.Type)} {record.Ttl} {Convert.ToHexString(record.Rdata)}"));
    }
}
