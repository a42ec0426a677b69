using MiniDns.Configuration;
using MiniDns.Protocol.Security;
using MiniDns.Queries;

namespace MiniDns.Plugins.Dnssec;

/// <summary>The directive <c>dnssec</c>.</summary>
public sealed class DnssecPlugin : IDnsPlugin
{
    /// <summary>The most RRsets whose signatures can be kept: about a gigabyte.</summary>
    private const int MaxCapacity = 2_000_000;

    /// <inheritdoc/>
    public string Name => "dnssec";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        DnssecOptions options = Read(reader, setup);
        if (options.Keys.Count == 0)
        {
            return;
        }

        TimeProvider time = setup.Services.Time;
        SignatureCache cache = setup.Previous<SignatureCache>() is { } previous && previous.Suits(options) ? previous : new SignatureCache(options);
        setup.Provide(cache);
        var metrics = new DnssecMetrics(setup.Services.Metrics, setup.Block);
        setup.WhenWired(_ => metrics.Observe(cache));
        var zones = new SignedZones(options.Zones, options.Keys);
        var signer = new ReplySigner(zones, new RRsetSigner(options, cache, time));
        QuerySlot<bool> isDelegation = setup.ReserveSlot<bool>();
        setup.Use(next => new DnssecHandler(new DelegationHandler(next, zones, setup.Queries, isDelegation), zones, signer, metrics, isDelegation));
    }

    private static DnssecOptions Read(DirectiveReader reader, PluginSetup setup)
    {
        var options = new DnssecOptions { Zones = reader.Zones() };
        List<(SigningKey Key, SourceSpan Span)> keys = [];
        bool hasKeys = false;
        reader.Properties(
            new(StringComparer.Ordinal)
            {
                ["key"] = p =>
                {
                    hasKeys = true;
                    ReadKeys(p, setup, keys);
                },
                ["cache_capacity"] = p => options = options with { Capacity = p.Int(1, MaxCapacity, options.Capacity) },
            },
            repeatable: ["key"]);
        foreach ((SigningKey key, SourceSpan span) in keys)
        {
            if (options.Zones.Count > 0 && !options.Zones.Any(z => z.IsSubdomainOf(key.Owner)))
            {
                reader.Error(span, $"the key {key.Tag} of {key.Owner} signs none of {string.Join(' ', options.Zones)}; make one with 'dnssec-keygen -a ECDSAP256SHA256 {options.Zones[0]}'");
            }
        }

        if (!hasKeys)
        {
            reader.Warning("no key, so nothing is signed; add 'key file K...'");
        }

        return options with { Keys = [.. keys.Select(k => k.Key)] };
    }

    private static void ReadKeys(DirectiveReader line, PluginSetup setup, List<(SigningKey Key, SourceSpan Span)> keys)
    {
        if (line.TakeIf("aws_secretsmanager"))
        {
            line.Error("keys are read from files only: fetch the secret beforehand and write 'key file K...'");
            line.Rest();
            return;
        }

        if (!line.TakeIf("file"))
        {
            line.Error("'file' is expected: key file K...");
            line.Rest();
            return;
        }

        var files = new KeyFiles(setup.Diagnostics);
        do
        {
            if (!line.TryPath(out string? path, "the path of a key such as Kexample.org.+013+45330"))
            {
                continue;
            }

            path = KeyFiles.BaseOf(path);
            setup.DependsOn(path + ".key");
            setup.DependsOn(path + ".private");
            if (files.Read(line, path) is not { } key)
            {
                continue;
            }

            if (keys.Exists(k => k.Key.Rdata.Span.SequenceEqual(key.Rdata.Span)))
            {
                line.Error($"the key {key.Tag} of {key.Owner} is named twice");
            }
            else
            {
                keys.Add((key, line.Span));
            }
        }
        while (line.HasArgument);
    }
}
