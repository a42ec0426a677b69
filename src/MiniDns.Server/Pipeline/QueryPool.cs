using MiniDns.Queries;

namespace MiniDns.Server.Pipeline;

/// <summary>Query objects for reuse: for streams and for the server's own questions. Holds a bounded number of idle ones.</summary>
internal sealed class QueryPool(int receiveSize, int sendSize, int idleLimit)
{
    private readonly IdlePool<DnsQuery> _idle = new(idleLimit);

    /// <summary>Takes a query object.</summary>
    public DnsQuery Rent() => _idle.TryTake(out DnsQuery? query) ? query : new DnsQuery(receiveSize, sendSize);

    /// <summary>Gives one back. One whose buffers have grown is left to the collector.</summary>
    public void Return(DnsQuery query)
    {
        query.Origin = null;
        query.Parent = null;
        query.TraceParent = null;
        query.Response.Clear();
        if (query.SendBuffer.Length <= sendSize && query.ReceiveBuffer.Length <= receiveSize)
        {
            _idle.Return(query);
        }
    }
}
