using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Cache;

/// <summary>The questions that the rest of the chain is working on, so that one that is asked again meanwhile is not asked twice.</summary>
/// <remarks>
/// A query joins a flight only when the one that leads it is nested at least as deep as itself. A leader's own questions are
/// nested deeper than it, so going from who waits to what it waits for never leads down again: no circle of queries
/// that wait for each other can form.
/// </remarks>
internal sealed class FlightTable
{
    /// <summary>The most queries that wait for others, in all; further ones are dropped.</summary>
    public const int WaiterLimit = 65_536;

    private const int Buckets = 4096;
    private const int LockCount = 64;
    private const int MaxIdle = 16_384;

    private readonly Flight?[] _buckets = new Flight?[Buckets];
    private readonly Lock[] _locks = new Lock[LockCount];
    private readonly IdlePool<Flight> _idleFlights = new(MaxIdle);
    private readonly IdlePool<FlightWaiter> _idleWaiters = new(MaxIdle);
    private readonly CacheMetrics _metrics;
    private int _waiters;

    /// <summary>Makes an empty table.</summary>
    public FlightTable(CacheMetrics metrics)
    {
        _metrics = metrics;
        for (int i = 0; i < LockCount; i++)
        {
            _locks[i] = new Lock();
        }
    }

    /// <summary>How many queries wait for others.</summary>
    public int Waiters => Volatile.Read(ref _waiters);

    /// <summary>Joins the flight that asks a key, or begins one.</summary>
    /// <param name="query">The query that needs the answer; it leads the flight that begins.</param>
    /// <param name="key">What it asks.</param>
    /// <param name="joined">What it comes to, when it joined one.</param>
    /// <returns>The flight that begins; null when there is one, or too many wait: see <paramref name="joined"/>.</returns>
    public Flight? Board(DnsQuery query, in CacheKey key, out ValueTask<DnsOutcome> joined)
    {
        lock (LockOf(key.Hash))
        {
            Flight? other = Find(key);
            if (other is not null && other.Depth >= query.Depth)
            {
                joined = JoinAsync(other, query);
                return null;
            }

            Flight flight = _idleFlights.TryTake(out Flight? idle) ? idle : new Flight(this);
            flight.Begin(query, key, query);
            if (other is null)
            {
                List(flight);
            }

            joined = default;
            query.Wait = flight;
            return flight;
        }
    }

    /// <summary>Joins the flight that asks a key, if there is one.</summary>
    public bool TryJoin(DnsQuery query, in CacheKey key, out ValueTask<DnsOutcome> joined)
    {
        lock (LockOf(key.Hash))
        {
            Flight? flight = Find(key);
            bool canJoin = flight is not null && flight.Depth >= query.Depth;
            joined = canJoin ? JoinAsync(flight!, query) : default;
            return canJoin;
        }
    }

    /// <summary>Begins a flight that is led by a query of the cache's own.</summary>
    /// <returns>Null when there is one for the same key.</returns>
    public Flight? Launch(DnsQuery asking, in CacheKey key)
    {
        lock (LockOf(key.Hash))
        {
            if (Find(key) is not null)
            {
                return null;
            }

            // Not from the pool: its timer may strike late.
            var flight = new Flight(this);
            flight.Begin(asking, key, leader: null);
            List(flight);
            return flight;
        }
    }

    /// <summary>Joins a flight that has begun, unless it has landed.</summary>
    public bool TryJoin(DnsQuery query, Flight flight, out ValueTask<DnsOutcome> joined)
    {
        lock (LockOf(flight.Hash))
        {
            joined = flight.IsListed ? JoinAsync(flight, query) : default;
            return flight.IsListed;
        }
    }

    /// <summary>Ends a flight: nobody joins it any more, and those who wait are the caller's to complete.</summary>
    /// <returns>The first of those who wait; each has the next.</returns>
    public FlightWaiter? Land(Flight flight)
    {
        lock (LockOf(flight.Hash))
        {
            Unlist(flight);
            FlightWaiter? first = flight.First;
            for (FlightWaiter? waiter = first; waiter is not null; waiter = waiter.Next)
            {
                waiter.Flight = null;
            }

            Interlocked.Add(ref _waiters, -flight.WaiterCount);
            flight.First = null;
            flight.Last = null;
            flight.WaiterCount = 0;
            return first;
        }
    }

    /// <summary>Ends a flight whose leader threw: whoever waits gets SERVFAIL.</summary>
    public void Crash(Flight flight)
    {
        if (flight.Leader is { } leader)
        {
            leader.Wait = null;
        }

        for (FlightWaiter? waiter = Land(flight); waiter is not null;)
        {
            FlightWaiter current = waiter;
            waiter = waiter.Next;       // read first: completing it gives it back to the pool
            current.Complete(current.Query.Reply(DnsResponseCode.ServerFailure));
        }
    }

    /// <summary>Lets nobody join a flight any more whose leader is given up, unless somebody waits for it.</summary>
    public bool TryRetire(Flight flight)
    {
        lock (LockOf(flight.Hash))
        {
            if (flight.WaiterCount > 0)
            {
                return false;
            }

            Unlist(flight);
            return true;
        }
    }

    /// <summary>Takes a waiter out of its flight.</summary>
    /// <returns>False when its query is about to end.</returns>
    public bool TryLeave(FlightWaiter waiter, DnsQuery query)
    {
        while (waiter.Flight is { } flight)
        {
            lock (LockOf(flight.Hash))
            {
                if (waiter.Flight != flight)
                {
                    continue;
                }

                if (waiter.Query != query)
                {
                    // Another life of the waiter.
                    return false;
                }

                if (waiter.Previous is null)
                {
                    flight.First = waiter.Next;
                }
                else
                {
                    waiter.Previous.Next = waiter.Next;
                }

                if (waiter.Next is null)
                {
                    flight.Last = waiter.Previous;
                }
                else
                {
                    waiter.Next.Previous = waiter.Previous;
                }

                waiter.Flight = null;
                flight.WaiterCount--;
                Interlocked.Decrement(ref _waiters);
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes a flight back that has landed and whose outcome has been read.</summary>
    public void Return(Flight flight)
    {
        flight.End();
        _idleFlights.Return(flight);
    }

    /// <summary>Takes a waiter back whose outcome has been read.</summary>
    public void Return(FlightWaiter waiter)
    {
        waiter.Previous = null;
        waiter.Next = null;
        _idleWaiters.Return(waiter);
    }

    private static int BucketOf(ulong hash) => (int)(hash >> 40) & (Buckets - 1);

    private Lock LockOf(ulong hash) => _locks[BucketOf(hash) & (LockCount - 1)];

    private Flight? Find(in CacheKey key)
    {
        Flight? flight = _buckets[BucketOf(key.Hash)];
        while (flight is not null && !flight.Matches(key))
        {
            flight = flight.NextInBucket;
        }

        return flight;
    }

    private void List(Flight flight)
    {
        ref Flight? bucket = ref _buckets[BucketOf(flight.Hash)];
        flight.NextInBucket = bucket;
        flight.IsListed = true;
        bucket = flight;
    }

    private void Unlist(Flight flight)
    {
        if (!flight.IsListed)
        {
            return;
        }

        flight.IsListed = false;
        ref Flight? bucket = ref _buckets[BucketOf(flight.Hash)];
        if (bucket == flight)
        {
            bucket = flight.NextInBucket;
        }
        else
        {
            Flight before = bucket!;
            while (before.NextInBucket != flight)
            {
                before = before.NextInBucket!;
            }

            before.NextInBucket = flight.NextInBucket;
        }

        flight.NextInBucket = null;
    }

    private ValueTask<DnsOutcome> JoinAsync(Flight flight, DnsQuery query)
    {
        if (!query.MayWait || Interlocked.Increment(ref _waiters) > WaiterLimit)
        {
            if (query.MayWait)
            {
                Interlocked.Decrement(ref _waiters);
            }

            _metrics.Of(query).WaitersDropped.Increment();
            return new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
        }

        FlightWaiter waiter = _idleWaiters.TryTake(out FlightWaiter? idle) ? idle : new FlightWaiter(this);
        waiter.Flight = flight;
        waiter.Previous = flight.Last;
        waiter.Next = null;
        if (flight.Last is null)
        {
            flight.First = waiter;
        }
        else
        {
            flight.Last.Next = waiter;
        }

        flight.Last = waiter;
        flight.WaiterCount++;
        _metrics.Of(query).Coalesced.Increment();
        return waiter.WaitAsync(query);
    }
}
