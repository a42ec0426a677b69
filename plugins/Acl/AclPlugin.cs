using System.Net;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Acl;

/// <summary>The directive <c>acl</c>.</summary>
public sealed class AclPlugin : IDnsPlugin
{
    private const string Syntax = "ACTION [type QTYPE...] [net SOURCE...]";

    private static readonly Dictionary<string, AclAction> Actions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["allow"] = AclAction.Allow,
        ["block"] = AclAction.Block,
        ["filter"] = AclAction.Filter,
        ["drop"] = AclAction.Drop,
    };

    /// <inheritdoc/>
    public string Name => "acl";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<AclRule> list = [];
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            IReadOnlyList<Protocol.Names.DnsName> zones = reader.Zones();
            List<AclPolicy> policies = [];
            reader.Properties([], other: line => ReadPolicy(line, policies));
            list.Add(new AclRule(zones, policies, setup.Services.Metrics, setup.Block));
        }

        var rules = new AclRules(list);
        MetricRegistry metrics = setup.Services.Metrics;
        ServerBlockInfo block = setup.Block;
        PerServer<StripedCounter> allowed = new(server => metrics.Counter(
            "coredns_acl_allowed_requests_total", "Counter of DNS requests being allowed.", ("server", server.Label), ("view", block.ViewName)));
        setup.WhenWired(_ =>
        {
            allowed.MakeAll(block.Servers);
            rules.PublishMetrics(block.Servers);
        });
        setup.Guard(
            next => new AclHandler(next, rules, AclPlace.BeforeAll),
            (next, isBehindCache) => new AclHandler(next, rules, isBehindCache ? AclPlace.BehindCacheAndChanges : AclPlace.BehindChanges),
            HandlerScope.QueriesAndNotifications);
        setup.Use(next => new AllowedHandler(next, allowed), HandlerScope.QueriesAndNotifications);
    }

    private static void ReadPolicy(DirectiveReader line, List<AclPolicy> policies)
    {
        if (!Actions.TryGetValue(line.Name, out AclAction action))
        {
            line.Error(line.Directive.Span, $"'{line.Name}' is not 'allow', 'block', 'filter' or 'drop'; write '{Syntax}'{NearNames.Hint(line.Name, Actions.Keys)}");
            line.Rest();
            return;
        }

        if (policies.Exists(p => p.IsForEverything))
        {
            line.Warning("is never reached: a line before it is for all types and all clients");
        }

        HashSet<DnsRecordType>? types = null;
        List<IPNetwork>? sources = null;
        bool allTypes = false;
        bool allSources = false;
        IReadOnlyList<CorefileToken> words = line.Rest();
        for (int i = 0; i < words.Count;)
        {
            CorefileToken section = words[i++];
            bool isType = section.Text.Equals("type", StringComparison.OrdinalIgnoreCase);
            if (!isType && !section.Text.Equals("net", StringComparison.OrdinalIgnoreCase))
            {
                line.Error(section.Span, $"'{section.Text}' is not 'type' or 'net'; write '{line.Name} [type QTYPE...] [net SOURCE...]'");
                return;
            }

            int start = i;
            for (; i < words.Count && !IsSection(words[i].Text); i++)
            {
                if (isType)
                {
                    types ??= [];
                    allTypes |= ReadType(line, words[i], types);
                }
                else
                {
                    sources ??= [];
                    allSources |= ReadSource(line, words[i], sources);
                }
            }

            if (i == start)
            {
                line.Error(section.Span, isType ? "a type such as A, or '*', is expected after 'type'" : "a network such as 10.0.0.0/8, or '*', is expected after 'net'");
            }
        }

        policies.Add(new AclPolicy(action, types is null || allTypes ? null : new TypeSet(types), sources is null || allSources ? null : new AddressSet(sources)));
    }

    private static bool IsSection(string word) => word.Equals("type", StringComparison.OrdinalIgnoreCase) || word.Equals("net", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one type.</summary>
    /// <returns>True when it stands for all.</returns>
    private static bool ReadType(DirectiveReader line, CorefileToken word, HashSet<DnsRecordType> types)
    {
        if (word.Text == "*")
        {
            return true;
        }

        if (DnsTypeText.TryParse(word.Text, out DnsRecordType type))
        {
            types.Add(type);
        }
        else
        {
            line.Error(word.Span, $"'{word.Text}' is not a record type such as A, AAAA or TYPE65, nor '*'");
        }

        return false;
    }

    /// <summary>Reads one network or address.</summary>
    /// <returns>True when it stands for all.</returns>
    private static bool ReadSource(DirectiveReader line, CorefileToken word, List<IPNetwork> sources)
    {
        if (word.Text == "*")
        {
            return true;
        }

        if (AddressText.TryParseAddress(word.Text, out IPAddress? address) && !word.Text.Contains('%', StringComparison.Ordinal))
        {
            sources.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
        }
        else if (AddressText.TryParseNetwork(word.Text, out IPNetwork network))
        {
            sources.Add(network);
        }
        else
        {
            line.Error(word.Span, $"'{word.Text}' is not an address or a network such as 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32, nor '*'");
        }

        return false;
    }
}
