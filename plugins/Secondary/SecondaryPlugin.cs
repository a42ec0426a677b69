using MiniDns.Client.Transfers;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Plugins.Primaries;
using MiniDns.Protocol.Names;
using MiniDns.Zones;

namespace MiniDns.Plugins.Secondary;

/// <summary><c>secondary [ZONES...] { … }</c>: serves zones that are transferred from primaries.</summary>
public sealed class SecondaryPlugin : IDnsPlugin
{
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

        TransferContext context = TransferContext.Of(setup.Services, TransferSlots.OfProcess, "secondary", "minidns_secondary");
        var zones = new SecondaryZones(directives, context, setup.Previous<SecondaryZones>());
        PrimaryReader.Resolve(setup, "secondary", keys);
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
                    PrimaryReader.Read(p, primaries, keys);
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
}
