using System.Globalization;
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
internal sealed class ZoneUpdate(DnsName origin, Zone? present, string source) : ITransferUpdate<Zone>
{
    private readonly ZonePlace _place = new(source);
    private ZoneBuilder? _builder;
    private ZonePatch? _patch;
    private uint _serial;

    /// <inheritdoc/>
    public ZoneProblems Problems { get; } = new();

    /// <inheritdoc/>
    public void Begin(TransferKind kind, uint serial)
    {
        _serial = serial;
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
    public void Add(in TransferRecord record)
    {
        _builder?.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, _place);
        _patch?.Add(record.Owner, record.Type, record.Ttl, record.Rdata, _place);
    }

    /// <inheritdoc/>
    public void Remove(in TransferRecord record) => _patch?.Remove(record.Owner, record.Type, record.Rdata);

    /// <inheritdoc/>
    public bool TryBuild(out Zone? zone, out string? failure)
    {
        failure = null;
        zone = _patch is null ? _builder?.TryBuild() : _patch.TryBuild();
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
}
