using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>The rules of one server block, in the order in which they stand.</summary>
/// <remarks>The first line that fits decides within a rule. What allows, allows for good; a rule without a line that fits leaves the
/// question to the next; what no rule decides is allowed.</remarks>
internal sealed class AclRules
{
    private readonly AclRule[] _rules;

    /// <summary>Takes the rules.</summary>
    public AclRules(IReadOnlyList<AclRule> rules)
    {
        _rules = [.. rules];
        DependsOnQuestion = rules.Any(r => !r.CoversEverything || r.Policies.Any(p => p.Types is not null));
    }

    /// <summary>True when two questions of one client can have different verdicts.</summary>
    public bool DependsOnQuestion { get; }

    /// <summary>Makes the metrics of some addresses.</summary>
    public void PublishMetrics(IReadOnlyList<ServerEndpoint> servers)
    {
        foreach (AclZone zone in _rules.SelectMany(r => r.Zones))
        {
            zone.PublishMetrics(servers);
        }
    }

    /// <summary>Decides.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="name">The name asked for, in any case.</param>
    /// <param name="type">The type asked for.</param>
    public AclVerdict Decide(in ClientAddress client, DnsNameView name, DnsRecordType type)
    {
        bool dependsOnClient = false;
        foreach (AclRule rule in _rules)
        {
            if (rule.Match(name) is not { } zone)
            {
                continue;
            }

            foreach (AclPolicy policy in rule.Policies)
            {
                if (!policy.IsFor(type))
                {
                    continue;
                }

                dependsOnClient |= policy.Sources is not null;
                if (policy.IsFor(client))
                {
                    return new AclVerdict(policy.Action, zone, dependsOnClient);
                }
            }
        }

        return new AclVerdict(AclAction.Allow, null, dependsOnClient);
    }
}
