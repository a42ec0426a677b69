using System.Collections.Concurrent;

namespace MiniDns.Plugins.Forward;

/// <summary>The upstreams of a server block's directives, so that the next configuration need not learn again how they are.</summary>
/// <param name="previous">That of the configuration being replaced.</param>
/// <param name="users">How many directives there are.</param>
internal sealed class UpstreamMemory(UpstreamMemory? previous, int users)
{
    private readonly ConcurrentDictionary<ForwardTarget, ForwardUpstream> _upstreams = new();

    /// <summary>What was known about an upstream before; null when nothing was.</summary>
    public ForwardUpstream? Recall(ForwardTarget target) => previous?._upstreams.GetValueOrDefault(target);

    /// <summary>Remembers an upstream.</summary>
    public void Remember(ForwardTarget target, ForwardUpstream upstream) => _upstreams[target] = upstream;

    /// <summary>Forgets an upstream that is not asked any more.</summary>
    public void Forget(ForwardTarget target, ForwardUpstream upstream) => _upstreams.TryRemove(new(target, upstream));

    /// <summary>One directive has its upstreams; with the last one what was known before is let go.</summary>
    public void Settle()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            previous = null;
        }
    }
}
