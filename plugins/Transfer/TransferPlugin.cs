using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Plugins.Authority;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;
using MiniDns.Zones;

namespace MiniDns.Plugins.Transfer;

/// <summary>The directive <c>transfer</c>.</summary>
public sealed class TransferPlugin : IDnsPlugin
{
    private const int DnsPort = 53;
    private const string Host = "'*', or an IP address such as 192.0.2.1, 192.0.2.1:5300 or [2001:db8::1]:53";

    /// <inheritdoc/>
    public string Name => "transfer";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        List<(NamedKey Key, SourceSpan Span)> keys = [];
        var rules = new TransferRules([.. setup.Directives.Select(d => Read(new DirectiveReader(d, setup.Diagnostics, setup.Block.Zones), keys))]);
        WarnOfRepetitions(setup, rules);
        ILogger log = setup.Services.LoggerFor(Name);
        var sources = new TransferSources();
        var ledger = new TransferLedger(setup.Services, log);
        var notifier = new Notifier(rules, sources, setup.Services, log);
        setup.Use(next => new TransferHandler(rules, sources, ledger, next));
        setup.Provide<ITransferNotifier>(notifier);
        setup.Run(notifier);
        Follow(setup, rules, sources, notifier);
        FindKeys(setup, keys);
    }

    /// <summary>Looks the keys up once all plugins of all blocks are set up.</summary>
    private static void FindKeys(PluginSetup setup, List<(NamedKey Key, SourceSpan Span)> keys)
    {
        if (keys.Count == 0)
        {
            return;
        }

        setup.WhenWired(block =>
        {
            if (block.All<TsigKeyring>().Count == 0)
            {
                setup.Diagnostics.Error(keys[0].Span, "transfer: to: a key needs 'tsig' in the same server block, which finds out whether requests are signed with it");
            }
        });
        setup.WhenServerWired(server =>
        {
            foreach ((NamedKey key, SourceSpan span) in keys)
            {
                if (!key.TryResolve(server.All<TsigKeyring>(), setup.Services.Time))
                {
                    setup.Diagnostics.Error(span, $"transfer: to: there is no key '{key.Name}'; define it with 'tsig {{ secret {key.Name} SECRET }}'");
                }
            }
        });
    }

    /// <summary>Finds the zones of the block's other plugins once these are set up.</summary>
    private static void Follow(PluginSetup setup, TransferRules rules, TransferSources sources, Notifier notifier)
    {
        var followers = new ZoneFollowers();
        var histories = new ZoneHistories();
        ZoneHistories? previous = setup.Previous<ZoneHistories>();
        setup.WhenWired(block =>
        {
            followers.Set([.. block.All<IZoneSource>().Select(s => new ZoneFollower(s, rules, histories, previous, notifier))]);
            sources.Set([.. followers.All, .. block.All<ITransferSource>()]);
        });
        setup.Provide(histories);
        setup.Run(followers);
    }

    private static TransferRule Read(DirectiveReader reader, List<(NamedKey Key, SourceSpan Span)> keys)
    {
        IReadOnlyList<DnsName> zones = reader.Zones();
        bool isRefused = false;
        var to = new List<TransferPeer>();
        IPAddress? source = null;
        SourceSpan? sourceAt = null;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["to"] = p => isRefused |= !ReadTo(p, to, keys),
                ["source"] = p =>
                {
                    if (sourceAt is { } at)
                    {
                        p.Error($"given already at {at}; notifications leave from one address");
                    }

                    sourceAt ??= p.Directive.Span;
                    source = ReadSource(p);
                },
            },
            repeatable: ["to", "source"]);
        if (!isRefused && to.Count == 0)
        {
            reader.Error(reader.Directive.Span, "who may have transfers is missing; write 'to ADDRESS...' or 'to *' in braces");
        }

        foreach (TransferPeer peer in to)
        {
            if (source is not null && peer.Server is { } server && source.AddressFamily != server.AddressFamily)
            {
                reader.Warning($"'source' {source} is not of the same family as {server}: notifications to it leave from an address that the system chooses");
            }
        }

        return new TransferRule(zones, to, source);
    }

    private static bool ReadTo(DirectiveReader property, List<TransferPeer> to, List<(NamedKey Key, SourceSpan Span)> keys)
    {
        if (!property.ArgumentCount(1, int.MaxValue, "to ADDRESS... [key NAME]"))
        {
            return false;
        }

        bool isRight = true;
        NamedKey? key = null;
        List<IPEndPoint?> servers = [];
        while (property.HasArgument)
        {
            // The key is the last word; another one is reported as too many.
            if (servers.Count > 0 && property.TakeIf("key"))
            {
                if (!property.TryName(out DnsName? name))
                {
                    return false;
                }

                key = new NamedKey(name.ToLower());
                keys.Add((key, property.Span));
                break;
            }

            string word = property.Word("an address");
            if (word == "*")
            {
                servers.Add(null);
            }
            else if (AddressText.TryParseEndpoint(word, DnsPort, out IPEndPoint? endpoint))
            {
                servers.Add(endpoint);
            }
            else
            {
                property.Error($"'{word}' is not {Host}");
                isRight = false;
            }
        }

        to.AddRange(servers.Select(s => new TransferPeer(s, key)));
        return isRight;
    }

    private static IPAddress? ReadSource(DirectiveReader property)
    {
        if (!property.TryWord("an IP address", out string? word))
        {
            return null;
        }

        if (!AddressText.TryParseAddress(word, out IPAddress? address))
        {
            property.Error($"'{word}' is not an IP address such as 192.0.2.53");
        }

        return address;
    }

    /// <summary>Of two directives for one zone the first counts; the second is a mistake.</summary>
    private static void WarnOfRepetitions(PluginSetup setup, TransferRules rules)
    {
        var seen = new Dictionary<DnsName, SourceSpan>();
        for (int i = 0; i < rules.All.Count; i++)
        {
            foreach (DnsName zone in rules.All[i].Zones)
            {
                if (!seen.TryAdd(zone, setup.Directives[i].Span) && seen[zone] != setup.Directives[i].Span)
                {
                    setup.Diagnostics.Warning(setup.Directives[i].Span, $"transfer: {zone} has a directive already at {seen[zone]}, which is the one that counts; write all addresses there");
                }
            }
        }
    }
}
