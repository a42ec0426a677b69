using Microsoft.Win32.SafeHandles;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Testing.Paths;

/// <summary>A full batch: all that a worker does between the system call that receives and the one that sends.</summary>
internal sealed class BatchPath(string directives, string pattern) : QueryPath
{
    private UdpBatch? _batch;
    private RoutingTable _routes = RoutingTable.Empty;
    private int _next;

    public override int QueriesPerRun => UdpBatch.Size;

    public override void Run()
    {
        UdpBatch batch = _batch!;
        for (int i = 0; i < UdpBatch.Size; i++)
        {
            batch.Put(i, Messages[_next++ % Messages.Length], Client);
        }

        batch.Answer(UdpBatch.Size, _routes, TimeProvider.System.GetTimestamp());
        if (batch.Replies != UdpBatch.Size)
        {
            throw new InvalidOperationException($"{batch.Replies} replies");
        }

        batch.Discard();
    }

    protected override async Task SetUpAsync()
    {
        Ask(pattern);
        ServerPlan plan = await PlanAsync(directives);
        _routes = plan.Endpoints[0].Routes;
        _batch = new UdpBatch(Dispatcher!, new DeferredReplies(new SafeFileHandle(), Dispatcher!, limit: 64), ClientAddress.From(Client));

        // Every name once: from here on a cache has them all.
        for (int i = 0; i < Messages.Length; i += UdpBatch.Size)
        {
            Run();
        }
    }
}
