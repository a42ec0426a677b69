using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loop;

/// <summary>The probes of one server block that are out, and what has become of them.</summary>
internal sealed class LoopWatch(DnsName zone, ILogger logger, StripedCounter detected)
{
    private readonly Lock _lock = new();
    private volatile LoopSighting[] _sightings = [];

    /// <summary>The zone below which probes are asked for.</summary>
    public DnsName Zone => zone;

    /// <summary>True while probes are out.</summary>
    public bool IsWatching => _sightings.Length > 0;

    /// <summary>Begins to look out for a probe.</summary>
    public LoopSighting Expect(DnsName probe, IUpstreamLink upstream)
    {
        var sighting = new LoopSighting(probe, upstream);
        lock (_lock)
        {
            _sightings = [.. _sightings, sighting];
        }

        return sighting;
    }

    /// <summary>Ends looking out; an upstream that answered without sending the probe back is asked again.</summary>
    public void Conclude(LoopSighting sighting, bool isAnswered)
    {
        lock (_lock)
        {
            _sightings = [.. _sightings.Where(s => s != sighting)];
        }

        if (isAnswered && !sighting.IsBack && sighting.Upstream.IsOff)
        {
            sighting.Upstream.IsOff = false;
            logger.Over(zone.ToString(), sighting.Upstream.Name);
        }
    }

    /// <summary>Looks whether a query that came in is a probe, and switches the upstream off that sent it back.</summary>
    public bool Recognize(DnsQuery query)
    {
        foreach (LoopSighting sighting in _sightings)
        {
            if (!query.LowerName.Equals(sighting.Probe.View))
            {
                continue;
            }

            sighting.IsBack = true;
            if (!sighting.Upstream.IsOff)
            {
                sighting.Upstream.IsOff = true;
                detected.Increment();
                logger.Detected(query.Client.ToString(), query.Local.ToString(), zone.ToString(), sighting.Upstream.Name, sighting.Probe.ToString());
            }

            return true;
        }

        return false;
    }
}
