using System.Net;
using MiniDns.Client.Transfers;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary><c>secondary [ZONES...] { … }</c>: serves zones that are transferred from primaries.</summary>
public sealed class SecondaryPlugin : IDnsPlugin
{
    private const int DnsPort = 53;
    private const int MaxPrimaries = 32;

    private readonly TransferSlots _slots = new(TransferSlots.Default);

    /// <inheritdoc/>
    public string Name => "secondary";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        Fallthrough fallthrough = Fallthrough.None;
        List<SecondaryOptions> directives = [];
        List<(NamedKey Key, SourceSpan Span)> keys = [];
        foreach (Directive directive in setup.Directives)
        {
            var reader = new DirectiveReader(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            directives.Add(Read(reader, keys, ref fallthrough));
        }

        if (setup.Diagnostics.HasErrors)
        {
            return;
        }

        var context = SecondaryContext.Of(setup.Services, _slots);
        var zones = new SecondaryZones(directives, context, setup.Previous<SecondaryZones>());
        setup.WhenServerWired(server =>
        {
            foreach ((NamedKey key, SourceSpan span) in keys)
            {
                if (!key.TryResolve(server.All<TsigKeyring>(), setup.Services.Time))
                {
                    setup.Diagnostics.Error(span, $"secondary: transfer: there is no key '{key.Name}'; define it with 'tsig {{ secret {key.Name} SECRET }}'");
                }
            }
        });
        setup.Provide(zones);
        setup.Provide<IZoneSource>(zones);
        setup.Run(zones);
        setup.Use(next => new SecondaryHandler(zones, new ZoneResponder(setup.Queries, fallthrough, next)));
        setup.Use(next => new NotifyHandler(zones, context, next), HandlerScope.Notifications);
    }

    private static SecondaryOptions Read(DirectiveReader reader, List<(NamedKey Key, SourceSpan Span)> keys, ref Fallthrough fallthrough)
    {
        var options = new SecondaryOptions { Zones = reader.Zones() };
        Fallthrough own = fallthrough;
        bool hasTransfer = false;
        List<TransferPrimary> primaries = [];
        List<DnsName>? members = null;
        bool takesAll = false;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["transfer"] = p =>
                {
                    hasTransfer = true;
                    ReadPrimaries(p, primaries, keys);
                },
                ["catalog"] = p =>
                {
                    // Without names once, every member is taken.
                    takesAll |= !p.HasArgument;
                    members = [.. members ?? [], .. p.Zones([])];
                },
                ["fallthrough"] = p => own = Fallthrough.For(p.Zones([])),
                ["store"] = p => options = options with { StoreDirectory = p.Path("the path of a directory") },
                ["max_size"] = p => options = options with { Transfer = options.Transfer with { MaxOctets = p.Size(1, long.MaxValue, options.Transfer.MaxOctets) } },
            },
            repeatable: ["transfer", "catalog"]);
        fallthrough = own;
        if (!hasTransfer)
        {
            reader.Error(reader.Directive.Span, "a primary is missing; write 'transfer from ADDRESS...' in the braces");
        }

        return options with { Primaries = primaries, MemberZones = takesAll ? [] : members };
    }

    private static void ReadPrimaries(DirectiveReader property, List<TransferPrimary> primaries, List<(NamedKey Key, SourceSpan Span)> keys)
    {
        if (!property.TakeIf("from"))
        {
            property.Error($"'from' is expected after 'transfer'{(property.Next is { } word ? $", not '{word.Text}'" : "")}");
            property.Rest();
            return;
        }

        if (!property.HasArgument)
        {
            property.Error("an address is expected after 'from', such as 192.0.2.1 or [2001:db8::1]:53");
        }

        List<IPEndPoint> addresses = [];
        NamedKey? key = null;
        while (property.HasArgument)
        {
            if (addresses.Count > 0 && property.TakeIf("key"))
            {
                if (property.TryName(out DnsName? name))
                {
                    key = new NamedKey(name.ToLower());
                    keys.Add((key, property.Span));
                }

                // The key is the last word; another one is reported as too many.
                break;
            }

            if (property.TakeIf("*"))
            {
                property.Error("'*' is no address to transfer from; name each primary");
            }
            else if (property.TryAddress(DnsPort, out IPEndPoint? address))
            {
                addresses.Add(address);
            }
        }

        primaries.AddRange(addresses.Select(a => new TransferPrimary(a, key)));
        if (primaries.Count > MaxPrimaries)
        {
            property.Error($"more than {MaxPrimaries} primaries: {primaries.Count}");
        }
    }
}
