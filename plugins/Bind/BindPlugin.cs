using System.Net;
using MiniDns.Configuration;

namespace MiniDns.Plugins.Bind;

/// <summary>The directive <c>bind</c>: the addresses a block is served on.</summary>
public sealed class BindPlugin : IDnsPlugin
{
    private readonly Func<IReadOnlyList<BindInterface>> _readInterfaces;

    /// <summary>Makes the plugin for this machine.</summary>
    public BindPlugin()
        : this(BindInterface.ReadAll)
    {
    }

    /// <summary>Makes the plugin for a machine with certain interfaces.</summary>
    internal BindPlugin(Func<IReadOnlyList<BindInterface>> readInterfaces) => _readInterfaces = readInterfaces;

    /// <inheritdoc/>
    public string Name => "bind";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        IReadOnlyList<BindInterface> interfaces = _readInterfaces();
        List<(IPAddress Address, SourceSpan Span)> all = setup.Endpoint.BindAddresses;
        HashSet<BindInterface> used = [];
        List<(string Name, SourceSpan Span)> bare = [];
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);
            List<(IPAddress Address, SourceSpan Span)> wanted = Read(reader, interfaces, used, bare, "bind ADDRESS|INTERFACE ...");
            List<(IPAddress Address, SourceSpan Span)> except = [];
            reader.Properties(new(StringComparer.Ordinal) { ["except"] = p => except = Read(p, interfaces, used, bare, "except ADDRESS|INTERFACE ...") });
            int before = all.Count;
            foreach ((IPAddress address, SourceSpan span) in wanted)
            {
                if (!except.Exists(e => e.Address.Equals(address)))
                {
                    all.Add((address, span));
                }
            }

            if (all.Count == before && wanted.Count > 0)
            {
                // No address would mean every address: the opposite of what is written.
                reader.Error(directive.Span, "'except' takes away every address; leave one to listen on");
            }
        }

        foreach ((string name, SourceSpan span) in bare)
        {
            // No address at all would mean every address. Where others are served meanwhile, this one's are as soon as it has some.
            if (all.Count == 0)
            {
                setup.Diagnostics.Error(span, $"bind: the interface '{name}' has no address");
            }
            else
            {
                setup.Diagnostics.Warning(span, $"bind: the interface '{name}' has no address (yet); it will be served as soon as it has");
            }
        }

        RemoveRepeated(all);
        if (used.Count > 0)
        {
            setup.Run(new BindWatch([.. used], _readInterfaces, setup.Services.Server));
        }
    }

    private static List<(IPAddress Address, SourceSpan Span)> Read(DirectiveReader reader, IReadOnlyList<BindInterface> interfaces, HashSet<BindInterface> used, List<(string Name, SourceSpan Span)> bare, string syntax)
    {
        List<(IPAddress Address, SourceSpan Span)> found = [];
        if (!reader.HasArgument)
        {
            reader.Error($"an address or the name of an interface is expected; write '{syntax}'");
        }

        foreach (CorefileToken word in reader.Rest())
        {
            if (interfaces.FirstOrDefault(i => string.Equals(i.Name, word.Text, StringComparison.Ordinal)) is { } named)
            {
                used.Add(named);
                if (named.Addresses.Count == 0)
                {
                    bare.Add((word.Text, word.Span));
                }

                found.AddRange(named.Addresses.Select(a => (a, word.Span)));
            }
            else if (AddressText.TryParseAddress(word.Text, out IPAddress? address))
            {
                found.Add((address, word.Span));
            }
            else
            {
                string hint = NearNames.Hint(word.Text, [.. interfaces.Select(i => i.Name)]);
                reader.Error(word.Span, $"'{word.Text}' is neither an IP address nor an interface of this machine{hint}");
            }
        }

        return found;
    }

    private static void RemoveRepeated(List<(IPAddress Address, SourceSpan Span)> addresses)
    {
        HashSet<IPAddress> seen = [];
        addresses.RemoveAll(a => !seen.Add(a.Address));
    }
}
