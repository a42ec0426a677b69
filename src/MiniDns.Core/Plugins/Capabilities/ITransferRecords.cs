using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Capabilities;

/// <summary>Records in the order in which a transfer sends them; for one reader.</summary>
public interface ITransferRecords
{
    /// <summary>Reads the next records: an RRset or, among differences, a part of one.</summary>
    /// <returns>False at the end.</returns>
    bool TryRead(out RRsetView records);
}
