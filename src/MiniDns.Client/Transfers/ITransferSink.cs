namespace MiniDns.Client.Transfers;

/// <summary>Takes the records of a transfer as they come in. What it took counts only once the transfer has ended well.</summary>
public interface ITransferSink
{
    /// <summary>Says what is coming; called once, before the first record.</summary>
    /// <param name="kind">What is coming.</param>
    /// <param name="serial">The serial number of the version that the transfer leads to.</param>
    void Begin(TransferKind kind, uint serial);

    /// <summary>Takes a record that the zone has, or has from this change on. The SOA record comes once for each version.</summary>
    void Add(in TransferRecord record);

    /// <summary>Takes a record that the zone no longer has from this change on; for incremental transfers only.</summary>
    void Remove(in TransferRecord record);
}
