using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>Completes an answer that ends with an alias to a name elsewhere.</summary>
public static class AliasTarget
{
    /// <summary>Asks the server for the target, in whatever zone or plugin it finds it, and puts what it has behind the alias. The code becomes that of
    /// the last name (RFC 6604 §3).</summary>
    /// <param name="queries">Asks the server.</param>
    /// <param name="query">The query; its response ends with the alias.</param>
    /// <param name="target">What the alias stands for.</param>
    /// <param name="prepare">Marks the question before it is asked; null for nothing to do.</param>
    /// <returns><see cref="DnsOutcome.Replied"/>, with an authoritative answer.</returns>
    public static ValueTask<DnsOutcome> AppendAsync(IQueryRunner queries, DnsQuery query, DnsName target, Action<DnsQuery>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(target);
        DnsQuery question = queries.Rent(query, target.View, query.Type);
        prepare?.Invoke(question);
        ValueTask<DnsOutcome> pending = queries.RunAsync(question);
        return pending.IsCompletedSuccessfully
            ? new ValueTask<DnsOutcome>(Join(queries, query, question, pending.Result))
            : FinishAsync(queries, query, question, pending);
    }

    private static async ValueTask<DnsOutcome> FinishAsync(IQueryRunner queries, DnsQuery query, DnsQuery question, ValueTask<DnsOutcome> pending) =>
        Join(queries, query, question, await pending.ConfigureAwait(false));

    private static DnsOutcome Join(IQueryRunner queries, DnsQuery query, DnsQuery question, DnsOutcome outcome)
    {
        DnsResponse response = query.Response;
        DnsResponse found = question.Response;

        // A target that this server does not know of is the client's to look up: the aliases alone are the answer.
        if (outcome == DnsOutcome.Replied && found.Code != DnsResponseCode.Refused && found.TryMaterialize())
        {
            int before = response.Entries.Length;
            response.Code = found.Code;
            response.AddFrom(found, DnsSection.Answer);
            response.Flags |= found.Flags & DnsResponseFlags.Truncated;
            if (response.Entries.Length == before || found.Code == DnsResponseCode.NameError)
            {
                response.AddFrom(found, DnsSection.Authority);
            }
        }

        queries.Return(question);
        response.Flags |= DnsResponseFlags.Authoritative;
        return DnsOutcome.Replied;
    }
}
