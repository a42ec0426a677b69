using MiniDns.Plugins.Primaries;

namespace MiniDns.Plugins.Rpz;

/// <summary>A policy zone that is had from primaries.</summary>
/// <remarks>A version that no primary has confirmed in time still holds: policy does not end because a provider is down.</remarks>
/// <param name="zone">The zone.</param>
/// <param name="source">Where it comes from.</param>
/// <param name="context">What all zones share.</param>
internal sealed class RpzTransfer(RpzZone zone, TransferSource source, TransferContext context)
    : TransferredZone<PolicyZone>(zone.Options.Origin, source, context, PolicyFormat.Instance)
{
    private PolicyZone? _present;

    /// <summary>The zone.</summary>
    public RpzZone Zone { get; } = zone;

    /// <inheritdoc/>
    public override PolicyZone? Present => Volatile.Read(ref _present);

    /// <inheritdoc/>
    protected override void Publish(PolicyZone? version)
    {
        Volatile.Write(ref _present, version);
        if (version is not null)
        {
            Zone.Current = version;
        }
    }
}
