using System.Runtime.InteropServices;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Sends the replies of queries that had to wait, from whatever thread completes them, on the socket they came in on.</summary>
/// <remarks>A thread that completes many in one go (<see cref="ThreadBatch"/>) sends them with one system call.</remarks>
internal sealed class DeferredReplies(SafeHandle socket, QueryDispatcher dispatcher, int limit) : IFlushable
{
    private const int BatchSize = 32;
    private const int IdleLimit = 1024;

    private readonly Lock _lock = new();
    private readonly SendBatch _batch = new(BatchSize);
    private readonly UdpExchange[] _staged = new UdpExchange[BatchSize];
    private readonly IdlePool<UdpExchange> _idle = new(IdleLimit);
    private int _waiting;
    private int _stagedCount;
    private bool _closed;

    /// <summary>How many queries wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>True when no further query may wait.</summary>
    public bool IsFull => Waiting >= limit;

    /// <summary>True when handlers let queries wait all the same: then nothing more is taken in.</summary>
    public bool IsOverflowing => Waiting >= 2 * limit;

    /// <summary>An exchange to put in the place of one that waits.</summary>
    public UdpExchange Rent() => _idle.TryTake(out UdpExchange? exchange) ? exchange : new UdpExchange();

    /// <summary>Sends the reply when the query is done.</summary>
    public void Finish(UdpExchange exchange, ValueTask<DnsOutcome> pending)
    {
        Interlocked.Increment(ref _waiting);
        exchange.Routes.Use.Enter();
        exchange.WhenDone(this, pending);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        lock (_lock)
        {
            FlushLocked();
        }
    }

    /// <summary>Sends nothing any more: the socket is going to be closed.</summary>
    public void Close()
    {
        lock (_lock)
        {
            FlushLocked();
            _closed = true;
        }
    }

    /// <summary>Sends the reply of a query that is done; called by its exchange.</summary>
    internal void Complete(UdpExchange exchange)
    {
        PlanUse use = exchange.Routes.Use;
        DnsOutcome outcome;
        try
        {
            outcome = exchange.TakeOutcome();
        }
        catch (Exception e)
        {
            outcome = dispatcher.HandlerFailed(exchange.Query, e);
        }

        int length = dispatcher.Finish(exchange.Query, outcome);
        if (length > 0)
        {
            Stage(exchange, length);
        }
        else
        {
            _idle.Return(exchange);
        }

        use.Leave();
        Interlocked.Decrement(ref _waiting);
    }

    private void Stage(UdpExchange exchange, int length)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            if (_batch.IsFull)
            {
                FlushLocked();
            }

            _batch.Add(exchange.Query.SendBuffer, length, exchange.Peer);
            _staged[_stagedCount++] = exchange;
            if (!ThreadBatch.TryPutOff(this))
            {
                FlushLocked();
            }
        }
    }

    private void FlushLocked()
    {
        if (_stagedCount == 0)
        {
            return;
        }

        dispatcher.Unsent.Add(_batch.Flush(socket, out _));
        for (int i = 0; i < _stagedCount; i++)
        {
            _idle.Return(_staged[i]);
        }

        _stagedCount = 0;
    }
}
