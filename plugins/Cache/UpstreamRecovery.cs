using MiniDns.Plugins.Capabilities;

namespace MiniDns.Plugins.Cache;

/// <summary>When upstreams of the block last came back after all had been silent: what failed before that says nothing any more.</summary>
internal sealed class UpstreamRecovery
{
    /// <summary>Who has upstreams in the block; known once the block is wired.</summary>
    public IReadOnlyList<IUpstreamGroup> Groups { get; set; } = [];

    /// <summary>The last time, as a timestamp; <see cref="long.MinValue"/> when it has not happened.</summary>
    public long At
    {
        get
        {
            long last = long.MinValue;
            for (int i = 0; i < Groups.Count; i++)
            {
                last = Math.Max(last, Groups[i].RecoveredAt);
            }

            return last;
        }
    }
}
