using Microsoft.Win32.SafeHandles;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Testing.Paths;

/// <summary>A full batch: all that a worker does between the system call that receives and the one that sends.</summary>
/// <param name="directives">The block's directives.</param>
/// <param name="pattern">The names; <c>{0}</c> is a number.</param>
/// <param name="isProxied">True when each question comes behind a PROXY header.</param>
internal sealed class BatchPath(string directives, string pattern, bool isProxied = false) : QueryPath
{
    /// <summary>Version 2, for UDP over IPv4: from 192.0.2.1 port 4660 to 192.0.2.53 port 53.</summary>
    private static readonly byte[] Header = [.. "\r\n\r\n\0\r\nQUIT\n"u8, 0x21, 0x12, 0, 12, 192, 0, 2, 1, 192, 0, 2, 53, 0x12, 0x34, 0, 53];

    private UdpBatch? _batch;
    private byte[][] _datagrams = [];
    private RoutingTable _routes = RoutingTable.Empty;
    private int _next;

    public override int QueriesPerRun => UdpBatch.Size;

    public override void Run()
    {
        UdpBatch batch = _batch!;
        for (int i = 0; i < UdpBatch.Size; i++)
        {
            batch.Put(i, _datagrams[_next++ % _datagrams.Length], Client);
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
        _datagrams = isProxied ? [.. Messages.Select(m => (byte[])[.. Header, .. m])] : Messages;
        ServerPlan plan = await PlanAsync(directives);
        _routes = plan.Endpoints[0].Routes;
        EndpointSettings settings = plan.Endpoints[0].Settings;
        var deferred = new DeferredReplies(new SafeFileHandle(), Dispatcher!, new WaitingRoom(settings));
        _batch = new UdpBatch(Dispatcher!, deferred, new ProxyGate(Services!, settings, isStream: false), ClientAddress.From(Client));

        // Every name once: from here on a cache has them all.
        for (int i = 0; i < Messages.Length; i += UdpBatch.Size)
        {
            Run();
        }
    }
}
