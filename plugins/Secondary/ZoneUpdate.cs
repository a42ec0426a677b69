using MiniDns.Client.Transfers;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>Makes a zone's next version of a transfer: of all its records, or of the changes to the present one.</summary>
/// <param name="origin">The zone's name.</param>
/// <param name="present">The version that changes are to; null when only a whole zone will do.</param>
/// <param name="source">Where the transfer comes from, for messages.</param>
internal sealed class ZoneUpdate(DnsName origin, Zone? present, string source) : TransferUpdate<Zone>(source)
{
    private ZoneBuilder? _builder;
    private ZonePatch? _patch;

    /// <inheritdoc/>
    public override void Add(in TransferRecord record)
    {
        _builder?.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, Place);
        _patch?.Add(record.Owner, record.Type, record.Ttl, record.Rdata, Place);
    }

    /// <inheritdoc/>
    public override void Remove(in TransferRecord record) => _patch?.Remove(record.Owner, record.Type, record.Rdata);

    /// <inheritdoc/>
    protected override void Begin(TransferKind kind)
    {
        if (kind == TransferKind.Full)
        {
            _builder = new ZoneBuilder(origin, Problems);
        }
        else if (present is not null)
        {
            _patch = new ZonePatch(present, Problems);
        }
    }

    /// <inheritdoc/>
    protected override Zone? Build(out string? failure)
    {
        failure = null;
        return _patch is null ? _builder?.TryBuild() : _patch.TryBuild();
    }

    /// <inheritdoc/>
    protected override uint SerialOf(Zone version) => version.Serial;
}
