using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary>A zone that is had from primaries and served.</summary>
/// <param name="origin">The zone's name.</param>
/// <param name="options">How it is had.</param>
/// <param name="context">What all zones share.</param>
internal sealed class SecondaryZone(DnsName origin, SecondaryOptions options, TransferContext context)
    : TransferredZone<Zone>(origin, options, context, SecondaryFormat.Instance)
{
    /// <summary>How it is had.</summary>
    public SecondaryOptions Options { get; } = options;

    /// <summary>What queries are answered from.</summary>
    public ServedZone Served { get; } = new(origin);

    /// <inheritdoc/>
    public override Zone? Present => Served.Current;

    /// <inheritdoc/>
    protected override void Publish(Zone? version) => Served.Publish(version);
}
