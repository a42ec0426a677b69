using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;

namespace MiniDns.Plugins.Transfer;

/// <summary>Counts transfers, logs them, and limits how many are under way at once.</summary>
internal sealed class TransferLedger
{
    /// <summary>The most transfers of more than one message that a server block sends at once; further ones are answered SERVFAIL.</summary>
    public const int MaxTransfers = 64;

    private const string Name = "minidns_transfer_out_total";
    private const string Help = "Transfers sent to other servers, by kind: the whole zone, differences, or only the SOA because there is nothing new.";

    private readonly ILogger _log;
    private readonly StripedCounter _whole;
    private readonly StripedCounter _incremental;
    private readonly StripedCounter _current;
    private readonly StripedCounter _refused;
    private readonly StripedCounter _broken;
    private int _underWay;

    public TransferLedger(DnsServices services, ILogger log)
    {
        _log = log;
        MetricRegistry metrics = services.Metrics;
        _whole = metrics.Counter(Name, Help, ("type", "axfr"));
        _incremental = metrics.Counter(Name, Help, ("type", "ixfr"));
        _current = metrics.Counter(Name, Help, ("type", "soa"));
        _refused = metrics.Counter("minidns_transfer_refused_total", "Requests for transfers that were refused: not allowed, or too many at once.");
        _broken = metrics.Counter("minidns_transfer_aborted_total", "Transfers that ended before the last record.");
    }

    /// <summary>How many transfers are under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Counts a transfer that takes more than one message.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryBegin()
    {
        if (Interlocked.Increment(ref _underWay) <= MaxTransfers)
        {
            return true;
        }

        Interlocked.Decrement(ref _underWay);
        return false;
    }

    /// <summary>Ends what <see cref="TryBegin"/> began.</summary>
    public void End(TransferMessages transfer)
    {
        Interlocked.Decrement(ref _underWay);
        if (!transfer.IsDone)
        {
            _broken.Increment();
            _log.CutShort(transfer.Zone.Origin, transfer.Client, transfer.RecordCount);
        }
    }

    /// <summary>Notes that the last message of a transfer was made.</summary>
    public void Finished(TransferMessages transfer)
    {
        if (transfer.IsBroken)
        {
            _broken.Increment();
            _log.RecordTooLarge(transfer.Zone.Origin, transfer.Client, TransferMessages.MaxRecordSize);
            return;
        }

        (transfer.IsIncremental ? _incremental : _whole).Increment();
        string kind = transfer.IsIncremental ? "IXFR" : "AXFR";
        _log.Sent(kind, transfer.Zone.Origin, transfer.Zone.Serial, transfer.Client, transfer.RecordCount, transfer.MessageCount);
    }

    /// <summary>Notes that a client was told that its version is the newest, or over UDP which one is.</summary>
    public void SentSoa() => _current.Increment();

    /// <summary>Notes that a transfer was refused.</summary>
    public void Refused() => _refused.Increment();
}
