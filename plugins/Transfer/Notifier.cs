using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Transfer;

/// <summary>Tells secondaries of zone changes (RFC 1996), in the background.</summary>
internal sealed class Notifier : ITransferNotifier, IServerComponent
{
    private readonly TransferRules _rules;
    private readonly Dictionary<TransferRule, NotifyTarget[]> _targets = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Makes a notifier; it begins to send when it is started and keeps what it is told before.</summary>
    public Notifier(TransferRules rules, TransferSources sources, DnsServices services, ILogger log)
    {
        _rules = rules;
        var meter = new NotifyMeter(services.Metrics);
        var known = new Dictionary<(TransferPeer Peer, IPAddress? Source), NotifyTarget>();
        foreach (TransferRule rule in rules.All)
        {
            var targets = new List<NotifyTarget>();
            foreach (TransferPeer peer in rule.To)
            {
                if (peer.Server is not { } server)
                {
                    continue;
                }

                IPAddress? source = rule.Source?.AddressFamily == server.AddressFamily ? rule.Source : null;
                if (!known.TryGetValue((peer, source), out NotifyTarget? target))
                {
                    target = new NotifyTarget(server, peer.Key, source, sources, meter, services.Time, log, _stopping.Token);
                    known.Add((peer, source), target);
                }

                if (!targets.Contains(target))
                {
                    targets.Add(target);
                }
            }

            _targets.Add(rule, [.. targets]);
        }
    }

    /// <inheritdoc/>
    public void ZoneChanged(DnsName origin)
    {
        if (_rules.Find(origin.View) is { } rule)
        {
            foreach (NotifyTarget target in _targets[rule])
            {
                target.Add(origin);
            }
        }
    }

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        foreach (NotifyTarget target in _targets.Values.SelectMany(t => t))
        {
            target.Start();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (NotifyTarget target in _targets.Values.SelectMany(t => t))
        {
            await target.EndAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }
}
