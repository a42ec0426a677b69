using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Inspection;

/// <summary>Writes down the way of one query, and of the server's own questions that it leads to.</summary>
/// <remarks>A query is the traced one when this object is its origin, which its descendants share.</remarks>
internal sealed class QueryTrace(TimeProvider time) : IQueryOrigin
{
    private readonly Lock _lock = new();
    private readonly List<TraceStep> _steps = [];
    private readonly Dictionary<DnsQuery, TraceStep> _inside = new(ReferenceEqualityComparer.Instance);

    /// <inheritdoc/>
    public RoutingTable Routes { get; set; } = RoutingTable.Empty;

    /// <summary>What was written down.</summary>
    public IReadOnlyList<TraceStep> Steps
    {
        get
        {
            lock (_lock)
            {
                return [.. _steps];
            }
        }
    }

    /// <summary>Stands in front of a handler.</summary>
    public IDnsHandler Watch(ServerBlockInfo block, string plugin, IDnsHandler handler) => new Watcher(this, plugin, handler);

    private TraceStep? Enter(DnsQuery query, string plugin)
    {
        if (query.Origin != this)
        {
            return null;
        }

        var step = new TraceStep
        {
            Plugin = plugin,
            Depth = query.Depth,
            Name = query.LowerName.ToName(),
            Type = query.Type,
            StartedAt = time.GetTimestamp(),
        };
        string question = Question(step);
        lock (_lock)
        {
            if (_inside.TryGetValue(query, out TraceStep? before))
            {
                before.PassedOn = true;
                before.PassedOnAs = question == Question(before) ? null : question;
                step.Caller = before;
            }
            else if (query.Depth > 0 && _steps.FindLast(s => s.Depth == query.Depth - 1 && !s.IsDone) is { } asker)
            {
                asker.AskedList.Add(question);
                step.Caller = asker;
            }

            _inside[query] = step;
            _steps.Add(step);
        }

        return step;
    }

    private void Leave(DnsQuery query, TraceStep step, DnsOutcome? outcome, string? exception)
    {
        TimeSpan elapsed = time.GetElapsedTime(step.StartedAt);
        lock (_lock)
        {
            step.IsDone = true;
            step.Replied = outcome == DnsOutcome.Replied;
            step.Dropped = outcome == DnsOutcome.Dropped;
            step.Code = query.Response.Code;
            step.IsAuthor = step.Replied && step.CodeFromBehind != step.Code;
            step.Own = elapsed - step.Inside;
            step.Failure = exception ?? (step.IsAuthor ? query.Failure?.Reason : null);
            if (step.Caller is { } caller)
            {
                caller.Inside += elapsed;
                if (caller.Depth == step.Depth)
                {
                    caller.CodeFromBehind = step.Replied ? step.Code : null;
                }
            }

            if (step.Caller is { } outer && outer.Depth == step.Depth)
            {
                _inside[query] = outer;
            }
            else
            {
                _inside.Remove(query);
            }
        }
    }

    private static string Question(TraceStep step) => $"{step.Name} {Protocol.Records.DnsTypeText.Format(step.Type)}";

    private sealed class Watcher(QueryTrace trace, string plugin, IDnsHandler handler) : IDnsHandler
    {
        public async ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
        {
            if (trace.Enter(query, plugin) is not { } step)
            {
                return await handler.HandleAsync(query).ConfigureAwait(false);
            }

            try
            {
                DnsOutcome outcome = await handler.HandleAsync(query).ConfigureAwait(false);
                trace.Leave(query, step, outcome, exception: null);
                return outcome;
            }
            catch (Exception e)
            {
                trace.Leave(query, step, outcome: null, $"{e.GetType().Name}: {e.Message}");
                throw;
            }
        }
    }
}
