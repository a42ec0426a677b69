using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

/// <summary>The messages of one transfer, made one at a time: nothing but the present one is in memory beside the zone itself.</summary>
/// <remarks>
/// A whole zone is its records and the SOA once more (RFC 5936 §2.2); differences stand between two SOA records (RFC 1995 §4).
/// Messages are filled by the octets that records take without compression, so they always fit.
/// </remarks>
internal sealed class TransferMessages : IReplySequence
{
    /// <summary>Octets of records, uncompressed, that a message is filled with: some thousand records, far fewer octets when compressed,
    /// and most of their names within reach of compression pointers.</summary>
    public const int MessageBudget = 32 * 1024;

    /// <summary>The largest record that is sent, in octets: what a message holds beside its header, the longest question, OPT and TSIG.</summary>
    public const int MaxRecordSize = DnsQuery.MaxMessageSize - 1024;

    private const int RecordHeaderSize = 10;

    private readonly ITransferZone _zone;
    private readonly ITransferRecords _records;
    private readonly TransferLedger? _ledger;
    private Stage _stage;
    private RRsetView _next;         // what the last message had no room for
    private int _nextRecord;         // how many of its records are sent already
    private bool _hasNext;
    private bool _isCounted;

    /// <summary>Starts a transfer.</summary>
    /// <param name="zone">The version of the zone that is sent.</param>
    /// <param name="records">All its records, or the differences to it.</param>
    /// <param name="isIncremental">True for differences.</param>
    /// <param name="client">Who gets it.</param>
    /// <param name="ledger">Takes note of the transfer; may be null.</param>
    public TransferMessages(ITransferZone zone, ITransferRecords records, bool isIncremental, in ClientAddress client, TransferLedger? ledger)
    {
        _zone = zone;
        _records = records;
        _ledger = ledger;
        IsIncremental = isIncremental;
        Client = client;
        _stage = isIncremental ? Stage.Head : Stage.Body;
    }

    /// <summary>The zone's version.</summary>
    public ITransferZone Zone => _zone;

    /// <summary>True for differences.</summary>
    public bool IsIncremental { get; }

    /// <summary>Who gets it.</summary>
    public ClientAddress Client { get; }

    /// <summary>True once all is sent, or an error ended it.</summary>
    public bool IsDone => _stage == Stage.Done;

    /// <summary>True when a record was too large for any message.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>How many records were sent so far.</summary>
    public long RecordCount { get; private set; }

    /// <summary>How many messages were sent so far.</summary>
    public int MessageCount { get; private set; }

    /// <summary>Makes the response the next message. The first one is asked for like the others.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryNext(DnsQuery query)
    {
        if (IsDone)
        {
            return false;
        }

        DnsResponse response = query.Response;
        response.SetEmpty(DnsResponseCode.NoError);
        response.Flags = DnsResponseFlags.Authoritative;
        int left = MessageBudget;
        while (TryPeek(out RRsetView records))
        {
            if (!TryAdd(response, records, ref left))
            {
                break;
            }
        }

        if (IsBroken)
        {
            // RFC 5936 §2.2: an error half-way is a message that says so, and the end.
            response.SetEmpty(DnsResponseCode.ServerFailure);
            _stage = Stage.Done;
        }

        MessageCount++;
        if (IsDone)
        {
            _ledger?.Finished(this);
        }

        return true;
    }

    /// <summary>Counts this transfer among those under way, unless there are too many.</summary>
    public bool TryEnlist() => _isCounted = _ledger is null || _ledger.TryBegin();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isCounted)
        {
            _isCounted = false;
            _ledger?.End(this);
        }
    }

    private bool TryPeek(out RRsetView records)
    {
        if (!_hasNext)
        {
            _nextRecord = 0;
            _hasNext = TryRead(out _next);
        }

        records = _next;
        return _hasNext;
    }

    private bool TryRead(out RRsetView records)
    {
        switch (_stage)
        {
            case Stage.Head:
                _stage = Stage.Body;
                records = _zone.Soa;
                return true;
            case Stage.Body:
                if (_records.TryRead(out records))
                {
                    return true;
                }

                _stage = Stage.Tail;
                records = _zone.Soa;
                return true;
            default:
                _stage = Stage.Done;
                records = default;
                return false;
        }
    }

    /// <summary>Adds what there is room for.</summary>
    /// <returns>False when the message is full.</returns>
    private bool TryAdd(DnsResponse response, in RRsetView records, ref int left)
    {
        int overhead = records.Owner.Length + RecordHeaderSize;
        int size = records.Body.Length + (records.Count * (overhead - RRset.RecordOverhead));
        if (_nextRecord == 0 && size <= MessageBudget)
        {
            if (size > left)
            {
                return false;
            }

            response.Add(DnsSection.Answer, records);
            RecordCount += records.Count;
            left -= size;
            _hasNext = false;
            return true;
        }

        // More than a message takes: record by record.
        int index = 0;
        foreach (ReadOnlySpan<byte> rdata in records)
        {
            if (index++ < _nextRecord)
            {
                continue;
            }

            size = overhead + rdata.Length;
            if (size > MaxRecordSize)
            {
                IsBroken = true;
                return false;
            }

            if (size > left && left < MessageBudget)
            {
                return false;
            }

            response.AddSynthesized(DnsSection.Answer, records.Owner, records.Type, records.Class, records.Ttl, rdata);
            RecordCount++;
            left -= size;
            _nextRecord = index;
        }

        _hasNext = false;
        return true;
    }

    private enum Stage
    {
        Head,
        Body,
        Tail,
        Done,
    }
}
