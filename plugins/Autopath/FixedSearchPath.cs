using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Autopath;

/// <summary>One search path for all clients.</summary>
internal sealed class FixedSearchPath(IReadOnlyList<DnsName> domains) : SearchPath
{
    private readonly DnsName[] _domains = [.. domains];

    /// <inheritdoc/>
    public override int Count => _domains.Length;

    /// <inheritdoc/>
    public override bool IsFirstStep(DnsQuery query, out int headLength, out bool isSure)
    {
        isSure = true;
        DnsNameView name = query.LowerName;
        headLength = name.Length - _domains[0].Length;
        return headLength > 0 && name.IsSubdomainOf(_domains[0].View);
    }

    /// <inheritdoc/>
    public override DnsNameView ElementAt(DnsQuery query, int headLength, int index) => (index + 1 < _domains.Length ? _domains[index + 1] : DnsName.Root).View;

    /// <summary>What was found may be kept as long as it says, as in CoreDNS: nobody expects the domains before to get the name meanwhile.</summary>
    public override uint AliasTtl(uint? denial) => uint.MaxValue;
}
