using MiniDns.Queries;

namespace MiniDns.Diagnostics;

/// <summary>Something for each address of the server, made when it is first asked for: the counters of a plugin whose metrics have the label
/// <c>server</c>. Finding it costs a nanosecond or two, since a block has few addresses.</summary>
/// <param name="make">Makes it for an address.</param>
public sealed class PerServer<T>(Func<ServerEndpoint, T> make)
    where T : class
{
    private readonly Lock _adding = new();
    private volatile KeyValuePair<ServerEndpoint, T>[] _entries = [];

    /// <summary>Finds or makes that of an address.</summary>
    /// <param name="server">The address; of a query, <see cref="DnsQuery.Endpoint"/>.</param>
    public T this[ServerEndpoint server]
    {
        get
        {
            foreach (KeyValuePair<ServerEndpoint, T> entry in _entries)
            {
                if (ReferenceEquals(entry.Key, server))
                {
                    return entry.Value;
                }
            }

            return Add(server);
        }
    }

    /// <summary>Makes those of some addresses, so that a metric is there before the first query.</summary>
    public void MakeAll(IReadOnlyList<ServerEndpoint> servers)
    {
        foreach (ServerEndpoint server in servers)
        {
            Add(server);
        }
    }

    private T Add(ServerEndpoint server)
    {
        lock (_adding)
        {
            foreach (KeyValuePair<ServerEndpoint, T> entry in _entries)
            {
                if (ReferenceEquals(entry.Key, server))
                {
                    return entry.Value;
                }
            }

            T added = make(server);
            _entries = [.. _entries, new(server, added)];
            return added;
        }
    }
}
