using System.Globalization;
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
internal sealed class PolicyUpdate(DnsName origin, PolicyZone? present, string source) : ITransferUpdate<PolicyZone>
{
    private readonly ZonePlace _place = new(source);
    private PolicyBuilder? _builder;
    private string? _misfit;
    private uint _serial;

    /// <inheritdoc/>
    public ZoneProblems Problems { get; } = new();

    /// <inheritdoc/>
    public void Begin(TransferKind kind, uint serial)
    {
        _serial = serial;
        _builder = new PolicyBuilder(origin, Problems);
        if (kind == TransferKind.Incremental && present is not null)
        {
            present.CopyTo(_builder);
            _builder.Malformed = present.Malformed;
        }
    }

    /// <inheritdoc/>
    public void Add(in TransferRecord record) => _builder?.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, _place);

    /// <inheritdoc/>
    public void Remove(in TransferRecord record)
    {
        if (_builder is not null && !_builder.Remove(record.Owner, record.Type, record.Rdata))
        {
            _misfit ??= $"{record.Owner.ToString()} {DnsTypeText.Format(record.Type)} is to be removed, and is not there";
        }
    }

    /// <inheritdoc/>
    public bool TryBuild(out PolicyZone? version, out string? failure)
    {
        version = _misfit is null ? _builder?.TryBuild(_place) : null;
        failure = _misfit ?? (version is null ? Problems.Errors.FirstOrDefault()?.ToString() ?? "nothing was transferred" : null);
        if (version is not null && version.Serial != _serial)
        {
            failure = string.Create(CultureInfo.InvariantCulture, $"the changes lead to version {version.Serial}, not {_serial}");
            version = null;
        }

        return version is not null;
    }
}
