using System.Net;
using MiniDns.Configuration;
using MiniDns.Plugins;
using MiniDns.Protocol.Names;

namespace MiniDns.Server.Building.Lint;

/// <summary>What rules look at: every block with its plugins set up.</summary>
/// <param name="Blocks">The blocks, in file order.</param>
/// <param name="Diagnostics">Takes what is found.</param>
/// <param name="OwnAddresses">The addresses of this machine.</param>
internal sealed record LintContext(IReadOnlyList<BlockBuilder> Blocks, ConfigDiagnostics Diagnostics, IReadOnlyList<IPAddress> OwnAddresses)
{
    /// <summary>Every HTTP page, with its place.</summary>
    public IReadOnlyList<(HttpSideEndpoint Page, SourceSpan Span)> Pages => Blocks.Count == 0 ? [] : Blocks[0].Server.Pages;

    /// <summary>Every place where DNS is served, with the block and the key that ask for it.</summary>
    public IEnumerable<(IPEndPoint Address, BlockBuilder Block, ServerKey Key)> Listeners =>
        from block in Blocks
        from key in block.Keys
        from address in Addresses(block)
        select (new IPEndPoint(address, key.Port), block, key);

    /// <summary>Every directive of one plugin, in file order.</summary>
    public IEnumerable<Directive> Directives(string plugin) => Blocks.SelectMany(b => b.Node.Directives).Where(d => d.Name.Text == plugin);

    /// <summary>The addresses that a block asks for; the unspecified one stands for all.</summary>
    public static IEnumerable<IPAddress> Addresses(BlockBuilder block) =>
        block.Endpoint.BindAddresses.Count == 0 ? [IPAddress.IPv6Any] : block.Endpoint.BindAddresses.Select(b => b.Address).Distinct();

    /// <summary>True for the addresses that stand for every one of the machine.</summary>
    public static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>True when each of some zones lies in one of others.</summary>
    public static bool Covers(IEnumerable<DnsName> others, IEnumerable<DnsName> zones) => zones.All(z => others.Any(z.IsSubdomainOf));

    /// <summary>True when what is sent to an address of an upstream arrives at a place where this server listens.</summary>
    public bool Reaches(IPEndPoint target, IPEndPoint listener)
    {
        if (target.Port != listener.Port || target.Port == 0)
        {
            return false;
        }

        return target.Address.Equals(listener.Address)
            || (IsWildcard(listener.Address) && (IPAddress.IsLoopback(target.Address) || IsWildcard(target.Address) || OwnAddresses.Contains(target.Address)));
    }
}
