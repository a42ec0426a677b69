using System.Net;
using MiniDns.Client.Transfers;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Plugins.Primaries;

/// <summary>Reads the primaries of a zone.</summary>
internal static class PrimaryReader
{
    private const int DnsPort = 53;
    private const int MaxPrimaries = 32;

    /// <summary>Looks the keys up once all plugins have said which keys there are, and notes an error for each that there is not.</summary>
    public static void Resolve(PluginSetup setup, string plugin, IReadOnlyList<(NamedKey Key, SourceSpan Span)> keys) => setup.WhenServerWired(server =>
    {
        foreach ((NamedKey key, SourceSpan span) in keys)
        {
            if (!key.TryResolve(server.All<TsigKeyring>(), setup.Services.Time))
            {
                setup.Diagnostics.Error(span, $"{plugin}: transfer: there is no key '{key.Name}'; define it with 'tsig {{ secret {key.Name} SECRET }}'");
            }
        }
    });

    /// <summary>Reads <c>transfer from ADDRESS... [key NAME]</c>.</summary>
    /// <param name="property">The property.</param>
    /// <param name="primaries">Takes the primaries.</param>
    /// <param name="keys">Takes the keys that are named; see <see cref="Resolve"/>.</param>
    public static void Read(DirectiveReader property, List<TransferPrimary> primaries, List<(NamedKey Key, SourceSpan Span)> keys)
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
