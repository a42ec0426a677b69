using System.Collections.Concurrent;
using MiniDns.Queries;

namespace MiniDns.Server.Pipeline;

/// <summary>Query objects for reuse: for streams and for the server's own questions. Holds a bounded number of idle ones.</summary>
internal sealed class QueryPool(int receiveSize, int sendSize, int idleLimit)
{
    private readonly ConcurrentQueue<DnsQuery> _idle = new();
    private int _count;

    /// <summary>Takes a query object.</summary>
    public DnsQuery Rent()
    {
        if (_idle.TryDequeue(out DnsQuery? query))
        {
            Interlocked.Decrement(ref _count);
            return query;
        }

        return new DnsQuery(receiveSize, sendSize);
    }

    /// <summary>Gives one back. One whose buffers have grown is left to the collector.</summary>
    public void Return(DnsQuery query)
    {
        query.Origin = null;
        query.Response.Clear();
        if (query.SendBuffer.Length > sendSize || query.ReceiveBuffer.Length > receiveSize || Volatile.Read(ref _count) >= idleLimit)
        {
            return;
        }

        Interlocked.Increment(ref _count);
        _idle.Enqueue(query);
    }
}
