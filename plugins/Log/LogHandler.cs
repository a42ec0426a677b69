using System.Buffers.Binary;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>Has a line written for each query, when its reply is on its way.</summary>
internal sealed class LogHandler : IDnsHandler
{
    private readonly IDnsHandler _next;
    private readonly LogRule[] _rules;
    private readonly LogObserver[] _all;
    private readonly LogObserver[] _unsampled;
    private readonly Random _random;
    private readonly OwnQuestions _own;

    /// <summary>Makes the handler.</summary>
    /// <param name="next">The rest of the chain.</param>
    /// <param name="rules">What to log; the first rule whose zone holds the name counts.</param>
    /// <param name="lines">Takes the lines.</param>
    /// <param name="time">The clock that queries' arrival was taken from.</param>
    /// <param name="dropped">Counts lines that were dropped because standard output is too slow.</param>
    /// <param name="random">Chooses the queries of a sample; for any thread.</param>
    public LogHandler(IDnsHandler next, LogRule[] rules, ILineWriter lines, TimeProvider time, StripedCounter dropped, Random random)
    {
        _next = next;
        _rules = rules;
        _random = random;
        _all = [.. rules.Select(r => new LogObserver(r, r.Classes, lines, time, dropped))];
        _unsampled = [.. rules.Select(r => new LogObserver(r, r.Classes & r.AlwaysSampled, lines, time, dropped))];
        _own = new OwnQuestions(this);
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        // Nobody encodes the answer to a question of the server's own.
        if (query.Depth > 0)
        {
            return _own.HandleAsync(query);
        }

        if (Choose(query) is { } observer)
        {
            query.Observe(observer);
        }

        return _next.HandleAsync(query);
    }

    /// <summary>What writes a query's line; null when it gets none.</summary>
    private LogObserver? Choose(DnsQuery query)
    {
        DnsNameView name = query.AskedName;
        for (int i = 0; i < _rules.Length; i++)
        {
            if (name.IsSubdomainOf(_rules[i].Zone.View))
            {
                LogObserver observer = _rules[i].Every > 1 && _random.Next(_rules[i].Every) != 0 ? _unsampled[i] : _all[i];
                return observer.IsMute ? null : observer;
            }
        }

        return null;
    }

    /// <summary>Logs the server's own questions, on their way back.</summary>
    private sealed class OwnQuestions(LogHandler log) : WrappingHandler(log._next)
    {
        private const int OptLength = 11;

        protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
        {
            if (log.Choose(query) is { } observer)
            {
                (int length, ushort flags) = Reply(query, outcome);
                observer.Write(query, outcome, outcome == DnsOutcome.Unclaimed ? DnsResponseCode.ServerFailure : query.Response.Code, length, flags);
            }

            return outcome;
        }

        /// <summary>The length in octets and the flags that the reply would have.</summary>
        private static (int Length, ushort Flags) Reply(DnsQuery query, DnsOutcome outcome)
        {
            switch (outcome)
            {
                case DnsOutcome.Dropped:
                    return default;
                case DnsOutcome.Unclaimed:
                    // The server will say SERVFAIL.
                    int flags = DnsHeader.ResponseFlag | (query.Header.Flags & (0x7800 | DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag));
                    return (query.QuestionEnd + (query.RepliesWithEdns ? OptLength + query.Response.Options.Length : 0), (ushort)flags);
                default:
                    int length = ResponseEncoder.Encode(query);
                    return (length, BinaryPrimitives.ReadUInt16BigEndian(query.SendBuffer.AsSpan(2)));
            }
        }
    }
}
