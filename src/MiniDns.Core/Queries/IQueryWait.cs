namespace MiniDns.Queries;

/// <summary>What a query waits for, told when the query is given up (<see cref="DnsQuery.TryAbandon"/>).</summary>
public interface IQueryWait
{
    /// <summary>Lets go of a query. It may end inside this call; if it does not, it ends as soon as whoever works on it sees
    /// <see cref="DnsQuery.IsAbandoned"/>.</summary>
    /// <param name="query">The query.</param>
    /// <returns>False when others wait for what it asks, or when it is ending already.</returns>
    bool TryLetGo(DnsQuery query);
}
