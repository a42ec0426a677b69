using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Capabilities;

/// <summary>One version of a zone, as a transfer sees it. Immutable: a transfer that has begun goes on while newer versions come.</summary>
public interface ITransferZone
{
    /// <summary>The zone's name.</summary>
    DnsName Origin { get; }

    /// <summary>The serial number of <see cref="Soa"/>.</summary>
    uint Serial { get; }

    /// <summary>The SOA RRset.</summary>
    RRsetView Soa { get; }

    /// <summary>Starts to read the whole zone: every RRset once, signatures included, the SOA first.</summary>
    ITransferRecords OpenRecords();

    /// <summary>Starts to read what changed since an earlier version: one or more difference sequences in the form of RFC 1995 §4, oldest
    /// first, each the old SOA, the records taken away, the new SOA, the records added. The SOA records that begin and end the whole
    /// answer are not among them.</summary>
    /// <param name="serial">The serial number of the earlier version.</param>
    /// <returns>Null when the changes are not known, or sending them would cost more than sending the zone.</returns>
    ITransferRecords? OpenDifferences(uint serial);
}
