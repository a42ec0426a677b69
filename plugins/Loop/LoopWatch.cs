using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loop;

/// <summary>What is known about a loop in one server block.</summary>
internal sealed class LoopWatch(DnsName zone, ILogger logger)
{
    private volatile DnsName? _probe;
    private volatile bool _isLooping;
    private int _returned;

    /// <summary>The zone below which probes are asked for.</summary>
    public DnsName Zone => zone;

    /// <summary>The name that the present probe asks for; null when none is out.</summary>
    public DnsName? Probe => _probe;

    /// <summary>True while queries that are passed on come back.</summary>
    public bool IsLooping => _isLooping;

    /// <summary>Begins to look out for a probe.</summary>
    public void Expect(DnsName probe)
    {
        Volatile.Write(ref _returned, 0);
        _probe = probe;
    }

    /// <summary>A probe has come back from outside.</summary>
    public void Returned(DnsQuery query, DnsName probe)
    {
        Volatile.Write(ref _returned, 1);
        if (!_isLooping)
        {
            _isLooping = true;
            logger.Detected(query.Client.ToString(), query.Local.ToString(), zone.ToString(), probe.ToString());
        }
    }

    /// <summary>Ends looking out; a loop is over when the probe did not come back.</summary>
    public void Conclude()
    {
        _probe = null;
        if (_isLooping && Volatile.Read(ref _returned) == 0)
        {
            _isLooping = false;
            logger.Over(zone.ToString());
        }
    }
}
