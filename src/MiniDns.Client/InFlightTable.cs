namespace MiniDns.Client;

/// <summary>The exchanges that wait on one socket, found by their ids. Any thread may add; who removes is said at the methods.</summary>
/// <remarks>An id's place is its low bits, and an id whose place is taken is not chosen: one array access finds an answer's exchange,
/// and going over the array finds those whose time is up, without a timer or a list for each query.</remarks>
internal sealed class InFlightTable
{
    private const int Tries = 24;

    private readonly UpstreamExchange?[] _places;
    private readonly UpstreamRandom _random;
    private readonly int _limit;
    private int _count;

    /// <summary>Makes a table for up to <paramref name="limit"/> exchanges.</summary>
    public InFlightTable(int limit, UpstreamRandom random)
    {
        // Half of the places stay free, so that a free one is found after two tries on average.
        _places = new UpstreamExchange?[Math.Min(65_536, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)limit * 2))];
        _limit = limit;
        _random = random;
    }

    /// <summary>How many exchanges are in the table or about to enter it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Counts an exchange in before it is added, so that the socket is not closed meanwhile.</summary>
    /// <returns>False when the table is full.</returns>
    public bool TryReserve()
    {
        if (Interlocked.Increment(ref _count) <= _limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>Takes a reservation back.</summary>
    public void Release() => Interlocked.Decrement(ref _count);

    /// <summary>Gives a reserved exchange an id and a place.</summary>
    /// <returns>False when no free place was met; the reservation is taken back.</returns>
    public bool TryAdd(UpstreamExchange exchange)
    {
        for (int i = 0; i < Tries; i++)
        {
            ushort id = _random.Next();
            ref UpstreamExchange? place = ref _places[id & (_places.Length - 1)];
            if (place is null)
            {
                exchange.SetId(id);
                if (Interlocked.CompareExchange(ref place, exchange, null) is null)
                {
                    return true;
                }
            }
        }

        Release();
        return false;
    }

    /// <summary>The exchange that waits for an id. Only the thread or lock that removes may rely on it.</summary>
    public UpstreamExchange? Find(ushort id)
    {
        UpstreamExchange? exchange = Volatile.Read(ref _places[id & (_places.Length - 1)]);
        return exchange is not null && exchange.Id == id ? exchange : null;
    }

    /// <summary>Takes an exchange out. One thread at a time.</summary>
    public void Remove(UpstreamExchange exchange)
    {
        Volatile.Write(ref _places[exchange.Id & (_places.Length - 1)], null);
        Release();
    }

    /// <summary>Takes out the next exchange whose deadline has passed, or that nobody waits for. One thread at a time.</summary>
    /// <param name="now">The present timestamp; <see cref="long.MaxValue"/> takes out every exchange.</param>
    /// <param name="place">Where to go on; start with 0.</param>
    public UpstreamExchange? TakeExpired(long now, ref int place)
    {
        if (Count == 0)
        {
            return null;
        }

        while (place < _places.Length)
        {
            UpstreamExchange? exchange = Volatile.Read(ref _places[place++]);
            if (exchange is not null && (exchange.Deadline <= now || exchange.Observer.IsAbandoned))
            {
                Remove(exchange);
                return exchange;
            }
        }

        return null;
    }
}
