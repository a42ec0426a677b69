using MiniDns.Queries;
using MiniDns.Sockets;

namespace MiniDns.Server.Transport;

/// <summary>Remembers whose datagrams a proxy passes on from each of its ports: it says so once, and what follows comes without a header.</summary>
/// <remarks>The memory is of a fixed size. A session may lie in eight places; when all are taken, the one that was used longest ago goes. Threads
/// that meet in one set of places wait for each other, for as long as copying an address takes.</remarks>
internal sealed class ProxySessions
{
    private const int Ways = 8;

    private readonly Session[] _sessions;
    private readonly int[] _busy;
    private readonly ulong _seed;

    /// <summary>Makes an empty memory.</summary>
    /// <param name="most">How many sessions it holds at least.</param>
    public ProxySessions(int most)
    {
        // Sessions do not spread evenly: with room for twice as many, hardly one in a hundred finds its set full.
        int sets = ((2 * most) + Ways - 1) / Ways;
        _sessions = new Session[sets * Ways];
        _busy = new int[sets];
        Span<byte> seed = stackalloc byte[sizeof(ulong)];
        SystemRandom.Fill(seed);
        _seed = BitConverter.ToUInt64(seed) | 1;
    }

    /// <summary>How many sessions it can hold.</summary>
    public int Capacity => _sessions.Length;

    /// <summary>Remembers a session, or another client for one that is known.</summary>
    /// <param name="sender">Who sends, with the port.</param>
    /// <param name="header">What it says of the client.</param>
    /// <param name="now">The time, as a timestamp.</param>
    public void Put(in ClientAddress sender, in ProxyHeader header, long now)
    {
        Span<Session> set = Enter(sender, out int number);
        ref Session place = ref set[0];
        foreach (ref Session session in set)
        {
            if (session.IsTaken && session.Sender == sender)
            {
                place = ref session;
                break;
            }

            if (!session.IsTaken || (place.IsTaken && session.Used < place.Used))
            {
                place = ref session;
            }
        }

        place = new Session(sender, header.Client, header.Local, now);
        Volatile.Write(ref _busy[number], 0);
    }

    /// <summary>Finds a session, which is then used anew.</summary>
    /// <param name="sender">Who sends, with the port.</param>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="lifetime">How long a session lives since it was used, in the same unit.</param>
    /// <param name="client">The client's address.</param>
    /// <param name="local">The address that the client sent to.</param>
    public bool TryGet(in ClientAddress sender, long now, long lifetime, out ClientAddress client, out ClientAddress local)
    {
        bool isFound = false;
        client = local = default;
        Span<Session> set = Enter(sender, out int number);
        foreach (ref Session session in set)
        {
            if (session.IsTaken && session.Sender == sender)
            {
                isFound = now - session.Used <= lifetime;
                if (isFound)
                {
                    session.Used = now;
                    (client, local) = (session.Client, session.Local);
                }

                break;
            }
        }

        Volatile.Write(ref _busy[number], 0);
        return isFound;
    }

    private Span<Session> Enter(in ClientAddress sender, out int number)
    {
        // Two rounds: whatever the seed, addresses and ports that follow one another must spread.
        ulong key = ((ulong)(sender.Bits >> 64) * 0x9E3779B97F4A7C15) ^ (ulong)sender.Bits ^ ((ulong)sender.Port << 40);
        key = Mix(Mix(key ^ _seed) + _seed);
        number = (int)Math.BigMul(key, (ulong)_busy.Length, out _);
        var spin = new SpinWait();
        while (Interlocked.CompareExchange(ref _busy[number], 1, 0) != 0)
        {
            spin.SpinOnce();
        }

        return _sessions.AsSpan(number * Ways, Ways);
    }

    private static ulong Mix(ulong key)
    {
        ulong high = Math.BigMul(key, 0xD6E8FEB86659FD93, out ulong low);
        return high ^ low;
    }

    private struct Session(in ClientAddress sender, in ClientAddress client, in ClientAddress local, long used)
    {
        public readonly ClientAddress Sender = sender;
        public readonly ClientAddress Client = client;
        public readonly ClientAddress Local = local;
        public readonly bool IsTaken = true;
        public long Used = used;
    }
}
