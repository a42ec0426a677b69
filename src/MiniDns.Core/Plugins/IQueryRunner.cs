using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>How a plugin asks its own server: CNAME targets, search candidates, refreshing a cache.</summary>
public interface IQueryRunner
{
    /// <summary>The deepest nesting of a server's own queries; deeper ones fail.</summary>
    const int MaxDepth = 12;

    /// <summary>Takes a query object that asks <paramref name="name"/>; give it back with <see cref="Return"/>.</summary>
    /// <param name="parent">The query that needs the answer: its client, class, flags and depth carry over. Null for a question
    /// that nobody waits for.</param>
    /// <param name="name">The name to ask.</param>
    /// <param name="type">The type to ask.</param>
    DnsQuery Rent(DnsQuery? parent, DnsNameView name, DnsRecordType type);

    /// <summary>Runs a rented query through the server, routed by its name as if it had come in where its parent came in.</summary>
    /// <returns>What the chain did. A query nested too deep fails with SERVFAIL.</returns>
    ValueTask<DnsOutcome> RunAsync(DnsQuery query);

    /// <summary>Gives a rented query back; it must not be used any more.</summary>
    void Return(DnsQuery query);
}
