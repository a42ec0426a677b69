namespace MiniDns.Plugins.Ratelimit;

/// <summary>The networks that are turned down most often, in a fixed number of places (the space-saving algorithm).</summary>
/// <remarks>A network that is not known takes the place of the least one and its count, so a count may be too high but never too low,
/// and whoever has more than one in <see cref="Places"/> of all is certainly there.</remarks>
internal sealed class HeavyHitters
{
    /// <summary>How many networks are told apart.</summary>
    public const int Places = 64;

    private readonly ClientPrefix[] _clients = new ClientPrefix[Places];
    private readonly long[] _counts = new long[Places];
    private int _busy;

    /// <summary>Counts one. When another thread is at it, it is left out: it is the many that matter.</summary>
    public void Note(ClientPrefix client)
    {
        if (Interlocked.Exchange(ref _busy, 1) == 1)
        {
            return;
        }

        int least = 0;
        int place = -1;
        for (int i = 0; i < Places; i++)
        {
            if (_counts[i] > 0 && _clients[i] == client)
            {
                place = i;
                break;
            }

            if (_counts[i] < _counts[least])
            {
                least = i;
            }
        }

        if (place < 0)
        {
            place = least;
            _clients[place] = client;
        }

        _counts[place]++;
        Volatile.Write(ref _busy, 0);
    }

    /// <summary>Takes the counts out, the highest first, and starts again.</summary>
    /// <param name="most">How many to take at most.</param>
    public IReadOnlyList<(ClientPrefix Client, long Count)> Drain(int most)
    {
        SpinWait wait = default;
        while (Interlocked.Exchange(ref _busy, 1) == 1)
        {
            wait.SpinOnce();
        }

        (ClientPrefix Client, long Count)[] all = [.. Enumerable.Range(0, Places).Where(i => _counts[i] > 0).Select(i => (_clients[i], _counts[i]))];
        Array.Clear(_counts);
        Volatile.Write(ref _busy, 0);
        return [.. all.OrderByDescending(c => c.Count).Take(most)];
    }
}
