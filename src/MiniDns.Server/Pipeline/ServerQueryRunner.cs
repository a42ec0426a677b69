using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Server.Pipeline;

/// <summary>Lets the plugins of one block ask the server that they are part of.</summary>
/// <remarks>A question goes the way of its parent: through the routes of the endpoint where the client's query came in. One
/// without a parent goes through the routes of the block's own first endpoint.</remarks>
internal sealed class ServerQueryRunner(QueryDispatcher dispatcher, TimeProvider time) : IQueryRunner
{
    private static readonly DnsFailure TooDeep = new(DnsResponseCode.ServerFailure, "the server's own questions are nested too deep");
    private static readonly QueryPool Pool = new(receiveSize: 512, sendSize: 512, idleLimit: 1024);

    private RoutingTable? _ownRoutes;

    /// <summary>Tells the routes for questions that nobody waits for, once the plan is complete.</summary>
    public Func<RoutingTable> FirstEndpoint { get; set; } = static () => RoutingTable.Empty;

    /// <inheritdoc/>
    public DnsQuery Rent(DnsQuery? parent, DnsNameView name, DnsRecordType type)
    {
        DnsQuery query = Pool.Rent();
        const ushort Carried = DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag | DnsHeader.AuthenticDataFlag;
        ushort flags = parent is null ? DnsHeader.RecursionDesiredFlag : (ushort)(parent.Header.Flags & Carried);
        int length = query.WriteQuestion(name, type, parent?.Class ?? DnsRecordClass.IN, flags, parent?.DnssecOk ?? false);
        query.Begin(length, DnsTransport.Internal);
        query.Parent = parent;
        query.Origin = parent?.Origin;
        query.Endpoint = parent?.Endpoint ?? (_ownRoutes ??= FirstEndpoint()).Endpoint;
        query.Client = parent?.Client ?? default;
        query.Local = parent?.Local ?? default;
        query.Spans = parent?.Spans;
        query.Span = parent?.Span ?? QuerySpans.None;
        query.ReceivedAt = parent?.ReceivedAt ?? time.GetTimestamp();
        query.MayWait = parent?.MayWait ?? true;
        query.Depth = (parent?.Depth ?? 0) + 1;
        return query;
    }

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> RunAsync(DnsQuery query)
    {
        if (query.Depth > IQueryRunner.MaxDepth)
        {
            return new ValueTask<DnsOutcome>(query.Fail(TooDeep));
        }

        if (query.Origin is IQueryOrigin origin)
        {
            // Counted with its parent.
            ValueTask<DnsOutcome> answer = dispatcher.RouteAsync(query, origin.Routes);
            return answer.IsCompletedSuccessfully ? answer : CatchAsync(query, answer, null);
        }

        RoutingTable routes = _ownRoutes ??= FirstEndpoint();
        routes.Use.Enter();
        ValueTask<DnsOutcome> pending = dispatcher.RouteAsync(query, routes);
        if (!pending.IsCompletedSuccessfully)
        {
            return CatchAsync(query, pending, routes.Use);
        }

        routes.Use.Leave();
        return pending;
    }

    /// <inheritdoc/>
    public void Return(DnsQuery query) => Pool.Return(query);

    private async ValueTask<DnsOutcome> CatchAsync(DnsQuery query, ValueTask<DnsOutcome> pending, PlanUse? use)
    {
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return dispatcher.HandlerFailed(query, e);
        }
        finally
        {
            use?.Leave();
        }
    }
}
