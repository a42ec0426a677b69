using MiniDns.Client.Transfers;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>Makes a policy zone's next version of a transfer: of all its records, or of the changes to the present one.</summary>
/// <param name="origin">The zone's name.</param>
/// <param name="present">The version that changes are to; null when only a whole zone will do.</param>
/// <param name="source">Where the transfer comes from, for messages.</param>
internal sealed class PolicyUpdate(DnsName origin, PolicyZone? present, string source) : TransferUpdate<PolicyZone>(source)
{
    private PolicyBuilder? _builder;
    private string? _misfit;

    /// <inheritdoc/>
    public override void Add(in TransferRecord record) => _builder?.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, Place);

    /// <inheritdoc/>
    public override void Remove(in TransferRecord record)
    {
        if (_builder is not null && !_builder.Remove(record.Owner, record.Type, record.Rdata))
        {
            _misfit ??= $"{record.Owner.ToString()} {DnsTypeText.Format(record.Type)} is to be removed, and is not there";
        }
    }

    /// <inheritdoc/>
    protected override void Begin(TransferKind kind)
    {
        _builder = new PolicyBuilder(origin, Problems);
        if (kind == TransferKind.Incremental && present is not null)
        {
            present.CopyTo(_builder);
            _builder.Malformed = present.Malformed;
        }
    }

    /// <inheritdoc/>
    protected override PolicyZone? Build(out string? failure)
    {
        failure = _misfit;
        return _misfit is null ? _builder?.TryBuild(Place) : null;
    }

    /// <inheritdoc/>
    protected override uint SerialOf(PolicyZone version) => version.Serial;
}
