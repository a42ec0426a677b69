using MiniDns.Plugins.NameLists;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rpz;

/// <summary>Names and wildcards, each with the number of a rule. Immutable.</summary>
/// <remarks>
/// A wildcard stands for the names below its parent that do not exist, as in any zone (RFC 4592): with <c>*.example</c> and
/// <c>www.example</c> there, <c>a.www.example</c> matches neither. What matters for that are names between a wildcard and others below
/// it: the builder has put them in, without rules.
/// </remarks>
internal sealed class PolicyNames
{
    private readonly NameStore _names;
    private readonly PolicyPair[] _pairs;

    /// <summary>Made by <see cref="PolicyNamesBuilder"/>.</summary>
    internal PolicyNames(NameStore names, PolicyPair[] pairs, int count)
    {
        _names = names;
        _pairs = pairs;
        Count = count;
    }

    /// <summary>How many names and wildcards have a rule.</summary>
    public int Count { get; }

    /// <summary>The memory taken, in octets.</summary>
    public long Octets => _names.Octets + (_pairs.Length * 8L);

    /// <summary>Finds the rule for a name.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="length">How many octets of the name, from its end, matched: all, or those below which a wildcard stands.</param>
    /// <returns>The rule's number, or -1 when there is none.</returns>
    public int Find(DnsNameView name, ulong hash, out int length)
    {
        ReadOnlySpan<byte> wire = name.Wire;
        length = wire.Length;
        int number = _names.Find(wire, hash);
        if (number >= 0)
        {
            return _pairs[number].Exact;
        }

        while (wire.Length > 1)
        {
            wire = wire[(wire[0] + 1)..];
            number = _names.Find(wire, DnsNameHash.Compute(wire));
            if (number >= 0)
            {
                length = wire.Length;
                return _pairs[number].Below;
            }
        }

        return -1;
    }

    /// <summary>Adds all names that have a rule to a builder.</summary>
    public void CopyTo(PolicyNamesBuilder builder)
    {
        foreach (NameStore.Entry entry in _names)
        {
            PolicyPair pair = _pairs[entry.Number];
            if (pair != PolicyPair.None)
            {
                builder.Set(entry.Wire, pair);
            }
        }
    }

    /// <summary>Goes through all names and wildcards that have a rule.</summary>
    /// <param name="visit">Takes the name, without the asterisk, whether it is a wildcard, and the rule's number.</param>
    public void ForEach(Action<DnsNameView, bool, int> visit)
    {
        foreach (NameStore.Entry entry in _names)
        {
            PolicyPair pair = _pairs[entry.Number];
            var name = new DnsNameView(entry.Wire);
            if (pair.Exact >= 0)
            {
                visit(name, false, pair.Exact);
            }

            if (pair.Below >= 0)
            {
                visit(name, true, pair.Below);
            }
        }
    }
}
