using MiniDns.Queries;

namespace MiniDns.Plugins.NameLists;

/// <summary>What holds for the clients of some networks, and for all others.</summary>
/// <param name="everybody">What holds for clients that are in none of the networks.</param>
/// <param name="groups">The networks; the longest that holds a client counts.</param>
internal sealed class ClientGroups<T>(T everybody, IEnumerable<(ClientNetwork Network, T Group)> groups)
{
    // The longest prefix first: the first network that holds a client is the one that counts.
    private readonly (ClientNetwork Network, T Group)[] _groups = [.. groups.OrderByDescending(g => g.Network.PrefixLength)];

    /// <summary>True when clients are told apart.</summary>
    public bool TellsApart => _groups.Length > 0;

    /// <summary>What holds for a client.</summary>
    public T Of(in ClientAddress client)
    {
        foreach ((ClientNetwork network, T group) in _groups)
        {
            if (network.Contains(client))
            {
                return group;
            }
        }

        return everybody;
    }
}
