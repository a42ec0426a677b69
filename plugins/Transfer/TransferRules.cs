using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Transfer;

/// <summary>The directives of a block.</summary>
internal sealed class TransferRules(IReadOnlyList<TransferRule> rules)
{
    private readonly TransferRule[] _rules = [.. rules];

    /// <summary>All of them, in file order.</summary>
    public IReadOnlyList<TransferRule> All => _rules;

    /// <summary>The directive with the longest zone that a name is in, the first of those; null when there is none.</summary>
    public TransferRule? Find(DnsNameView name)
    {
        TransferRule? best = null;
        int longest = 0;
        foreach (TransferRule rule in _rules)
        {
            int length = rule.Match(name);
            if (length > longest)
            {
                longest = length;
                best = rule;
            }
        }

        return best;
    }
}
