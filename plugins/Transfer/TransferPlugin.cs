using System.Net;
using Microsoft.Extensions.Logging;
using MiniDns.Configuration;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Names;
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
        var rules = new TransferRules([.. setup.Directives.Select(d => Read(new DirectiveReader(d, setup.Diagnostics, setup.Block.Zones)))]);
        WarnOfRepetitions(setup, rules);
        ILogger log = setup.Services.LoggerFor(Name);
        var sources = new TransferSources();
        var ledger = new TransferLedger(setup.Services, log);
        var notifier = new Notifier(rules, sources, setup.Services, log);
        setup.Use(next => new TransferHandler(rules, sources, ledger, next));
        setup.Provide<ITransferNotifier>(notifier);
        setup.Run(notifier);
        Follow(setup, rules, sources, notifier);
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

    private static TransferRule Read(DirectiveReader reader)
    {
        IReadOnlyList<DnsName> zones = reader.Zones();
        bool all = false;
        bool isRefused = false;
        var to = new List<IPEndPoint>();
        IPAddress? source = null;
        SourceSpan? sourceAt = null;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["to"] = p => isRefused |= !ReadTo(p, to, ref all),
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
        if (!all && !isRefused && to.Count == 0)
        {
            reader.Error(reader.Directive.Span, "who may have transfers is missing; write 'to ADDRESS...' or 'to *' in braces");
        }

        foreach (IPEndPoint server in to)
        {
            if (source is not null && source.AddressFamily != server.AddressFamily)
            {
                reader.Warning($"'source' {source} is not of the same family as {server}: notifications to it leave from an address that the system chooses");
            }
        }

        return new TransferRule(zones, all, to, source);
    }

    private static bool ReadTo(DirectiveReader property, List<IPEndPoint> to, ref bool all)
    {
        if (!property.ArgumentCount(1, int.MaxValue, "to ADDRESS..."))
        {
            return false;
        }

        bool isRight = true;
        foreach (CorefileToken token in property.Rest())
        {
            if (token.Text == "*")
            {
                all = true;
            }
            else if (AddressText.TryParseEndpoint(token.Text, DnsPort, out IPEndPoint? endpoint))
            {
                to.Add(endpoint);
            }
            else
            {
                property.Error(token.Span, $"'{token.Text}' is not {Host}");
                isRight = false;
            }
        }

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
