using System.Net;
using MiniDns.Configuration;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>The directive <c>loadbalance</c>.</summary>
public sealed class LoadbalancePlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "loadbalance";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
        LoadbalanceOptions options = Read(reader, out SourceSpan fileSpan);
        WeightFile? weights = null;
        if (options.WeightFile is { Length: > 0 } path)
        {
            weights = new WeightFile(path, options.Reload, setup.Services);
            ReadFirst(weights, options, fileSpan, setup.Diagnostics);
            setup.Run(weights);
        }

        var order = new RecordOrder(Random.Shared, weights, [.. options.Preferred]);
        setup.Use(next => new LoadbalanceHandler(next, order));
    }

    private static LoadbalanceOptions Read(DirectiveReader reader, out SourceSpan fileSpan)
    {
        var options = new LoadbalanceOptions();
        fileSpan = reader.Directive.Span;
        if (reader.HasArgument)
        {
            string policy = reader.Word("'round_robin' or 'weighted'");
            if (policy == "weighted")
            {
                options = options with { WeightFile = reader.Path("the path of a file of weights") };
                fileSpan = reader.Span;
            }
            else if (policy != "round_robin")
            {
                reader.Error($"'{policy}' is not a policy; write 'round_robin' or 'weighted WEIGHTFILE'{NearNames.Hint(policy, ["round_robin", "weighted"])}");
                reader.Rest();
            }
        }

        List<(ClientAddress, int)> preferred = [];
        Dictionary<string, Action<DirectiveReader>> properties = new(StringComparer.Ordinal)
        {
            ["prefer"] = p => ReadNetworks(p, preferred),
            ["reload"] = p =>
            {
                if (options.WeightFile is null)
                {
                    p.Error("only the policy 'weighted' has a file to reload");
                }

                options = options with { Reload = p.Duration(options.Reload) };
            },
        };
        reader.Properties(properties, repeatable: ["prefer"]);
        return options with { Preferred = preferred };
    }

    private static void ReadNetworks(DirectiveReader line, List<(ClientAddress, int)> networks)
    {
        if (!line.HasArgument)
        {
            line.Error("a network is expected, such as 10.9.20.0/24");
        }

        foreach (CorefileToken token in line.Rest())
        {
            int slash = token.Text.IndexOf('/', StringComparison.Ordinal);
            if (slash < 0
                || !AddressText.TryParseAddress(token.Text.AsSpan(0, slash), out IPAddress? address)
                || !int.TryParse(token.Text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int length)
                || length > address.GetAddressBytes().Length * 8)
            {
                line.Error(token.Span, $"'{token.Text}' is not a network such as 10.9.20.0/24 or 2001:db8::/32");
            }
            else if (networks.Count == LoadbalanceOptions.MaxNetworks)
            {
                line.Error(token.Span, $"at most {LoadbalanceOptions.MaxNetworks} networks can be preferred");
                break;
            }
            else
            {
                networks.Add((ClientAddress.From(new IPEndPoint(address, 0)), length));
            }
        }
    }

    private static void ReadFirst(WeightFile weights, LoadbalanceOptions options, SourceSpan span, ConfigDiagnostics diagnostics)
    {
        if (weights.Read() is { } problem)
        {
            string text = $"loadbalance: {options.WeightFile} cannot be read: {problem}";
            if (options.Reload > TimeSpan.Zero)
            {
                diagnostics.Warning(span, $"{text}; all weights are 1 until it can, tried again every {DurationText.Format(options.Reload)}");
            }
            else
            {
                diagnostics.Error(span, text);
            }
        }

        foreach ((int line, string message) in weights.Problems)
        {
            diagnostics.Error(new SourceSpan(weights.Path, line, 1, 1), "loadbalance: " + message);
        }
    }
}
