using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;

namespace MiniDns.Testing.Paths;

/// <summary>A query's whole way without a socket: parsed, routed, through the chain, encoded.</summary>
internal sealed class ServerPath(string directives, string pattern) : QueryPath
{
    private readonly DnsQuery _query = new(2048, 4096, pinned: true);
    private RoutingTable _routes = RoutingTable.Empty;
    private int _next;

    public override void Run()
    {
        byte[] message = Messages[_next++ % Messages.Length];
        message.CopyTo(_query.ReceiveBuffer, 0);
        _query.ReceivedAt = TimeProvider.System.GetTimestamp();
        ValueTask<DnsOutcome> pending = Dispatcher!.DispatchAsync(_query, message.Length, DnsTransport.Udp, _routes);
        int length = pending.IsCompletedSuccessfully ? Dispatcher.Finish(_query, pending.Result) : 0;
        if (length <= _query.QuestionEnd)
        {
            throw new InvalidOperationException("the reply has no record");
        }
    }

    protected override async Task SetUpAsync()
    {
        Ask(pattern);
        ServerPlan plan = await PlanAsync(directives);
        _routes = plan.Endpoints[0].Routes;
        _query.Origin = new Origin(_routes);
        _query.Client = ClientAddress.From(Client);

        // Every name once: from here on a cache has them all.
        foreach (byte[] _ in Messages)
        {
            Run();
        }

        if (_query.Response.Code is not (DnsResponseCode.NoError or DnsResponseCode.NameError))
        {
            throw new InvalidOperationException($"the reply is {_query.Response.Code}");
        }
    }
}
