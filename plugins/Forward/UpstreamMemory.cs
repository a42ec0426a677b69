using System.Collections.Concurrent;

namespace MiniDns.Plugins.Forward;

/// <summary>The upstreams of a server block's directives, so that the next configuration need not learn again how they are.</summary>
internal sealed class UpstreamMemory
{
    private readonly ConcurrentDictionary<ForwardTarget, ForwardUpstream> _upstreams = new();
    private UpstreamMemory? _previous;
    private int _users;

    /// <summary>Remembers nothing yet.</summary>
    /// <param name="previous">That of the configuration being replaced.</param>
    /// <param name="users">How many directives there are.</param>
    public UpstreamMemory(UpstreamMemory? previous, int users)
    {
        _previous = previous;
        _users = users;
    }

    /// <summary>What was known about an upstream before; null when nothing was.</summary>
    public ForwardUpstream? Recall(ForwardTarget target) => Volatile.Read(ref _previous)?._upstreams.GetValueOrDefault(target);

    /// <summary>Remembers an upstream.</summary>
    public void Remember(ForwardTarget target, ForwardUpstream upstream) => _upstreams[target] = upstream;

    /// <summary>Forgets an upstream that is not asked any more.</summary>
    public void Forget(ForwardTarget target, ForwardUpstream upstream) => _upstreams.TryRemove(new(target, upstream));

    /// <summary>One directive has its upstreams; with the last one what was known before is let go.</summary>
    public void Settle()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            Volatile.Write(ref _previous, null);
        }
    }
}
