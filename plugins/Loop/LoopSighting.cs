using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Loop;

/// <summary>A probe that is out.</summary>
/// <param name="probe">The name that it asks for.</param>
/// <param name="upstream">Whom it was sent to.</param>
internal sealed class LoopSighting(DnsName probe, IUpstreamLink upstream)
{
    private volatile bool _isBack;

    /// <summary>The name that it asks for.</summary>
    public DnsName Probe => probe;

    /// <summary>Whom it was sent to.</summary>
    public IUpstreamLink Upstream => upstream;

    /// <summary>True when it came in again.</summary>
    public bool IsBack
    {
        get => _isBack;
        set => _isBack = value;
    }
}
