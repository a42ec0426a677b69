using MiniDns.Queries;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Counts the UDP queries of one endpoint that wait for something, over all its sockets, and how many of them each client has.</summary>
/// <remarks>
/// When more wait than may, those that have waited longest are given up: their clients have probably stopped listening, while
/// those that just came have not. Of the oldest few, one of a client that has more than its share goes first.
/// </remarks>
internal sealed class WaitingRoom
{
    private const int Cells = 1024;

    private readonly int[] _clients = new int[Cells];
    private readonly ulong _seed;
    private volatile int _limit;
    private volatile int _share;
    private volatile bool _failsWhenDropping;
    private volatile ShedCounters? _shed;
    private int _present;
    private int _givenUp;

    /// <summary>Makes an empty one.</summary>
    /// <param name="settings">The limits.</param>
    public WaitingRoom(EndpointSettings settings)
    {
        Apply(settings);
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        SystemRandom.Fill(seed);
        _seed = BitConverter.ToUInt64(seed) | 1;
    }

    /// <summary>True when a query that is given up is answered with SERVFAIL; false when it is not answered.</summary>
    public bool FailsWhenDropping => _failsWhenDropping;

    /// <summary>Counts what is dropped, where the configuration asks for that (<c>shed</c>); else null.</summary>
    public ShedCounters? Shed
    {
        get => _shed;
        set => _shed = value;
    }

    /// <summary>How many are present, those included that are given up and have not ended yet.</summary>
    public int Present => Volatile.Read(ref _present);

    /// <summary>True when more wait than may: one is to be given up.</summary>
    public bool IsOverfull => Present - Volatile.Read(ref _givenUp) > _limit;

    /// <summary>True when no further query may wait: those given up do not end.</summary>
    public bool IsFull => Present >= _limit + (_limit / 4) + 1;

    /// <summary>True when handlers let queries wait all the same: then nothing more is taken in.</summary>
    public bool IsOverflowing => Present >= 2 * _limit;

    /// <summary>Sets the limits.</summary>
    public void Apply(EndpointSettings settings)
    {
        int limit = Math.Max(1, settings.MaxWaitingQueries);
        _limit = limit;
        _share = Math.Max(1, (int)((long)limit * settings.ClientSharePercent / 100));
        _failsWhenDropping = settings.FailsWhenOverloaded;
    }

    /// <summary>Counts a query in.</summary>
    /// <returns>Where its client is counted; the complement of that while there is room enough and clients are not counted.</returns>
    public int Enter(in ClientAddress client)
    {
        int cell = CellOf(client);
        if (Interlocked.Increment(ref _present) <= _limit / 2)
        {
            return ~cell;
        }

        Interlocked.Increment(ref _clients[cell]);
        return cell;
    }

    /// <summary>Counts a query as given up; it is still present.</summary>
    public void GiveUp(int cell)
    {
        Interlocked.Increment(ref _givenUp);
        Uncount(cell);
    }

    /// <summary>Counts a query out.</summary>
    public void Leave(int cell, bool wasGivenUp)
    {
        Interlocked.Decrement(ref _present);
        if (wasGivenUp)
        {
            Interlocked.Decrement(ref _givenUp);
        }
        else
        {
            Uncount(cell);
        }
    }

    /// <summary>True when a client, or those that share its cell, have more waiting than their share.</summary>
    public bool IsOverShare(int cell) => Volatile.Read(ref _clients[cell < 0 ? ~cell : cell]) > _share;

    private void Uncount(int cell)
    {
        if (cell >= 0)
        {
            Interlocked.Decrement(ref _clients[cell]);
        }
    }

    private int CellOf(in ClientAddress client)
    {
        // An IPv6 client has a network of its own to send from.
        ulong bits = client.IsIPv6 ? (ulong)(client.Bits >> 72) : (ulong)client.Bits;
        ulong mixed = (bits ^ (bits >> 29) ^ _seed) * 0xD6E8FEB86659FD93;
        return (int)(mixed >> 54);
    }
}
