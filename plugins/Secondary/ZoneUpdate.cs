using System.Globalization;
using MiniDns.Client.Transfers;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Makes a zone's next version of a transfer: of all its records, or of the changes to the present one.</summary>
/// <param name="origin">The zone's name.</param>
/// <param name="present">The version that changes are to; null when only a whole zone will do.</param>
/// <param name="source">Where the transfer comes from, for messages.</param>
internal sealed class ZoneUpdate(DnsName origin, Zone? present, string source) : ITransferSink
{
    private readonly Dictionary<byte[], uint> _added = new(RecordKey.Comparer);      // key → TTL
    private readonly Dictionary<byte[], byte[]> _addedRdata = new(RecordKey.Comparer);     // with the case that was sent
    private readonly HashSet<byte[]> _removed = new(RecordKey.Comparer);
    private readonly byte[] _key = new byte[RecordKey.MaxLength];
    private readonly ZonePlace _place = new(source);
    private ZoneBuilder? _builder;
    private TransferKind _kind;
    private uint _serial;

    /// <summary>What was found wrong or doubtful.</summary>
    public ZoneProblems Problems { get; } = new();

    /// <inheritdoc/>
    public void Begin(TransferKind kind, uint serial)
    {
        _kind = kind;
        _serial = serial;
        if (kind == TransferKind.Full)
        {
            _builder = new ZoneBuilder(origin, Problems);
        }
    }

    /// <inheritdoc/>
    public void Add(in TransferRecord record)
    {
        if (_builder is { } builder)
        {
            builder.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, _place);
            return;
        }

        byte[] key = KeyOf(record).ToArray();
        _added[key] = record.Ttl;
        _addedRdata[key] = [.. record.Owner.Wire, .. record.Rdata];
    }

    /// <inheritdoc/>
    public void Remove(in TransferRecord record)
    {
        // What one step adds a later one may take away.
        ReadOnlySpan<byte> key = KeyOf(record);
        if (_added.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key))
        {
            _addedRdata.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(key);
        }
        else
        {
            _removed.GetAlternateLookup<ReadOnlySpan<byte>>().Add(key);
        }
    }

    /// <summary>Makes the version once the transfer has ended well.</summary>
    /// <param name="zone">The version.</param>
    /// <param name="failure">Why there is none.</param>
    public bool TryBuild(out Zone? zone, out string? failure)
    {
        zone = null;
        failure = null;
        if (_kind == TransferKind.Incremental && !TryApply(out failure))
        {
            return false;
        }

        zone = _builder?.TryBuild();
        if (zone is null)
        {
            failure = Problems.Errors.FirstOrDefault()?.ToString() ?? "nothing was transferred";
            return false;
        }

        if (zone.Serial != _serial)
        {
            failure = string.Create(CultureInfo.InvariantCulture, $"the changes lead to version {zone.Serial}, not {_serial}");
            zone = null;
            return false;
        }

        return true;
    }

    private bool TryApply(out string? failure)
    {
        if (present is not { } zone)
        {
            failure = "there is no version to apply changes to";
            return false;
        }

        // The new records first: of an RRset's TTLs, the first counts.
        _builder = new ZoneBuilder(origin, Problems, zone.NameCount);
        foreach ((byte[] key, uint ttl) in _added)
        {
            byte[] record = _addedRdata[key];
            DnsNameView.TryRead(record, out DnsNameView owner);
            var type = (DnsRecordType)((key[owner.Length] << 8) | key[owner.Length + 1]);
            _builder.Add(owner, type, DnsRecordClass.IN, ttl, record.AsSpan(owner.Length), _place);
        }

        HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> removed = _removed.GetAlternateLookup<ReadOnlySpan<byte>>();
        Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> added = _added.GetAlternateLookup<ReadOnlySpan<byte>>();
        int gone = 0;
        foreach (RRsetView set in zone.Records)
        {
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                int length = RecordKey.Write(set.Owner, set.Type, rdata, _key);
                ReadOnlySpan<byte> key = _key.AsSpan(0, length);
                if (removed.Contains(key))
                {
                    gone++;
                }
                else if (!added.ContainsKey(key))
                {
                    _builder.Add(set.Owner, set.Type, set.Class, set.Ttl, rdata, _place);
                }
            }
        }

        failure = gone == _removed.Count ? null : string.Create(CultureInfo.InvariantCulture, $"the changes remove {_removed.Count - gone} records that the zone does not have");
        return failure is null;
    }

    private ReadOnlySpan<byte> KeyOf(in TransferRecord record) => _key.AsSpan(0, RecordKey.Write(record.Owner, record.Type, record.Rdata, _key));
}
