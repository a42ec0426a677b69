using MiniDns.Plugins.NameLists;

namespace MiniDns.Plugins.Rpz;

/// <summary>Collects names and wildcards for <see cref="PolicyNames"/>.</summary>
internal sealed class PolicyNamesBuilder
{
    private readonly Dictionary<PolicyPair, int> _numbers = [];
    private readonly List<PolicyPair> _pairs = [];
    private NameStoreBuilder _names = new();
    private bool _hasGaps;

    /// <summary>The rule of a name or wildcard; -1 when there is none.</summary>
    /// <param name="wire">The name in lower case, without the asterisk.</param>
    /// <param name="isWildcard">True for the names below it.</param>
    public int Get(ReadOnlySpan<byte> wire, bool isWildcard) => isWildcard ? PairOf(wire).Below : PairOf(wire).Exact;

    /// <summary>Sets the rule of a name or wildcard.</summary>
    /// <param name="wire">The name in lower case, without the asterisk.</param>
    /// <param name="isWildcard">True for the names below it.</param>
    /// <param name="rule">The rule's number; -1 for none any more.</param>
    /// <returns>False when there is no room for more.</returns>
    public bool Set(ReadOnlySpan<byte> wire, bool isWildcard, int rule)
    {
        PolicyPair pair = PairOf(wire);
        pair = isWildcard ? pair with { Below = rule } : pair with { Exact = rule };
        _hasGaps |= pair == PolicyPair.None;
        return Set(wire, pair);
    }

    /// <summary>Sets the rules of a name.</summary>
    public bool Set(ReadOnlySpan<byte> wire, PolicyPair pair)
    {
        if (!_numbers.TryGetValue(pair, out int number))
        {
            number = _pairs.Count;
            if (number > NameStore.MaxNumber)
            {
                return false;
            }

            _pairs.Add(pair);
            _numbers.Add(pair, number);
        }

        return _names.Set(wire, number);
    }

    /// <summary>Makes the names. The builder is of no use afterwards.</summary>
    public PolicyNames Build()
    {
        if (_hasGaps)
        {
            DropGaps();
        }

        int count = 0;
        bool hasWildcards = false;
        foreach (NameStore.Entry entry in _names)
        {
            PolicyPair pair = _pairs[entry.Number];
            count += (pair.Exact >= 0 ? 1 : 0) + (pair.Below >= 0 ? 1 : 0);
            hasWildcards |= pair.Below >= 0;
        }

        if (hasWildcards)
        {
            AddEmptyNames();
        }

        return new PolicyNames(_names.Build(), [.. _pairs], count);
    }

    private PolicyPair PairOf(ReadOnlySpan<byte> wire)
    {
        int number = _names.Find(wire);
        return number < 0 ? PolicyPair.None : _pairs[number];
    }

    /// <summary>Leaves out names whose rules were taken away: they would hide wildcards.</summary>
    private void DropGaps()
    {
        NameStoreBuilder kept = new();
        foreach (NameStore.Entry entry in _names)
        {
            if (_pairs[entry.Number] != PolicyPair.None)
            {
                kept.Set(entry.Wire, entry.Number);
            }
        }

        _names = kept;
    }

    /// <summary>Adds the names between a wildcard's parent and the names below it: they exist, without records (RFC 4592 §2.2.2).</summary>
    private void AddEmptyNames()
    {
        foreach (NameStore.Entry entry in _names)
        {
            // The nearest wildcard above hides those further up.
            ReadOnlySpan<byte> wire = entry.Wire;
            int top = -1;
            for (int at = 0; wire[at] != 0;)
            {
                at += wire[at] + 1;
                if (PairOf(wire[at..]).Below >= 0)
                {
                    top = at;
                    break;
                }
            }

            for (int at = top < 0 ? wire.Length : wire[0] + 1; at < top; at += wire[at] + 1)
            {
                if (_names.Find(wire[at..]) < 0)
                {
                    Set(wire[at..], PolicyPair.None);
                }
            }
        }
    }
}
