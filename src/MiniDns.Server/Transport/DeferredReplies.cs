using System.Runtime.InteropServices;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Sends the replies of queries that had to wait, from whatever thread completes them, on the socket they came in on.</summary>
/// <remarks>A thread that completes many in one go (<see cref="ThreadBatch"/>) sends them with one system call.</remarks>
internal sealed class DeferredReplies(SafeHandle socket, QueryDispatcher dispatcher, WaitingRoom room) : IFlushable
{
    private const int BatchSize = 32;

    /// <summary>How many are kept for reuse: about as many as may wait, over all sockets. Under overload they go round, and nothing is
    /// left to the collector.</summary>
    private static readonly int IdleLimit = Math.Max(1024, 16_384 / Environment.ProcessorCount);

    /// <summary>How many of the oldest are looked at for one of a client that has more than its share.</summary>
    private const int Candidates = 16;

    private readonly Lock _lock = new();
    private readonly SendBatch _batch = new(BatchSize);
    private readonly UdpExchange[] _staged = new UdpExchange[BatchSize];
    private readonly IdlePool<UdpExchange> _idle = new(IdleLimit);
    private UdpExchange? _oldest;
    private UdpExchange? _youngest;
    private int _waiting;
    private int _stagedCount;
    private bool _closed;

    /// <summary>How many queries wait now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How many exchanges there are for queries that wait, idle ones included.</summary>
    public int Exchanges => Waiting + _idle.Count;

    /// <summary>Who waits at the endpoint.</summary>
    public WaitingRoom Room => room;

    /// <summary>An exchange to put in the place of one that waits.</summary>
    public UdpExchange Rent() => _idle.TryTake(out UdpExchange? exchange) ? exchange : new UdpExchange();

    /// <summary>Sends the reply when the query is done. When more wait than may, one that has waited long is given up for it.</summary>
    public void Finish(UdpExchange exchange, ValueTask<DnsOutcome> pending)
    {
        exchange.Routes.Use.Enter();
        exchange.ClientCell = room.Enter(exchange.Query.Client);
        lock (_lock)
        {
            _waiting++;
            Enlist(exchange);
            if (room.IsOverfull)
            {
                GiveUpOne();
            }
        }

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
        DnsQuery query = exchange.Query;
        DnsOutcome outcome;
        try
        {
            outcome = exchange.TakeOutcome();
        }
        catch (Exception e)
        {
            outcome = dispatcher.HandlerFailed(query, e);
        }

        if (query.IsAbandoned)
        {
            outcome = room.FailsWhenDropping ? query.Reply(DnsResponseCode.ServerFailure) : DnsOutcome.Dropped;
        }

        int length = dispatcher.Finish(query, outcome);
        lock (_lock)
        {
            _waiting--;
            room.Leave(exchange.ClientCell, wasGivenUp: !exchange.IsListed);
            if (exchange.IsListed)
            {
                Delist(exchange);
            }

            if (length > 0)
            {
                Stage(exchange, length);
            }
            else
            {
                _idle.Return(exchange);
            }
        }

        use.Leave();
    }

    private void Stage(UdpExchange exchange, int length)
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

    /// <summary>Gives up the oldest query, or one nearly as old of a client that has more than its share.</summary>
    private void GiveUpOne()
    {
        UdpExchange? exchange = _oldest;
        for (int i = 0; i < Candidates && exchange is not null && !room.IsOverShare(exchange.ClientCell); i++)
        {
            exchange = exchange.Younger;
        }

        bool isOverShare = exchange is not null && room.IsOverShare(exchange.ClientCell);
        exchange = isOverShare ? exchange : _oldest;
        for (int i = 0; i < Candidates && exchange is not null; i++)
        {
            UdpExchange? next = exchange.Younger;
            if (TryGiveUp(exchange))
            {
                (isOverShare ? dispatcher.DroppedOverShare : dispatcher.DroppedOldest).Increment();
                room.Shed?.Responses.Increment();
                return;
            }

            exchange = next;
        }
    }

    /// <summary>Gives a query up, or puts it last when others wait for what it asks. While a query is listed it has not ended, for
    /// ending needs the lock: it is still the one that came.</summary>
    private bool TryGiveUp(UdpExchange exchange)
    {
        // Off the list first: the query may end inside the call, and the exchange begin anew.
        int cell = exchange.ClientCell;
        Delist(exchange);
        if (exchange.Query.TryAbandon())
        {
            room.GiveUp(cell);
            return true;
        }

        Enlist(exchange);
        return false;
    }

    private void Enlist(UdpExchange exchange)
    {
        exchange.IsListed = true;
        exchange.Older = _youngest;
        exchange.Younger = null;
        if (_youngest is null)
        {
            _oldest = exchange;
        }
        else
        {
            _youngest.Younger = exchange;
        }

        _youngest = exchange;
    }

    private void Delist(UdpExchange exchange)
    {
        exchange.IsListed = false;
        if (exchange.Older is null)
        {
            _oldest = exchange.Younger;
        }
        else
        {
            exchange.Older.Younger = exchange.Younger;
        }

        if (exchange.Younger is null)
        {
            _youngest = exchange.Older;
        }
        else
        {
            exchange.Younger.Older = exchange.Older;
        }

        exchange.Older = null;
        exchange.Younger = null;
    }

    private void FlushLocked()
    {
        if (_stagedCount == 0)
        {
            return;
        }

        int lost = _batch.Flush(socket, out _);
        dispatcher.Unsent.Add(lost);
        room.Shed?.Responses.Add(lost);
        for (int i = 0; i < _stagedCount; i++)
        {
            _idle.Return(_staged[i]);
        }

        _stagedCount = 0;
    }
}
