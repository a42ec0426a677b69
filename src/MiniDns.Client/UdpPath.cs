using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace MiniDns.Client;

/// <summary>The UDP sockets to one upstream: a few at a time, opened when they are needed, replaced by ones with other ports after a while.</summary>
internal sealed class UdpPath
{
    // A thread stays with a socket for some queries, so that those of one batch leave with one system call.
    private const int QueriesPerTurn = 32;

    [ThreadStatic]
    private static int t_turn;

    private readonly UpstreamLoops _loops;
    private readonly Clock _clock;
    private readonly UdpUpstreamSocket?[] _sockets;
    private readonly ConcurrentBag<UdpSocketParts> _parts = [];
    private readonly Lock _opening = new();
    private readonly long _lifetime;
    private bool _closed;

    public UdpPath(UpstreamOptions options, UpstreamLoops loops, Clock clock, IUpstreamMeter meter, UpstreamRandom random)
    {
        Options = options;
        Meter = meter;
        Random = random;
        _loops = loops;
        _clock = clock;
        _sockets = new UdpUpstreamSocket?[options.UdpSockets];
        _lifetime = clock.Ticks(options.MaxAge > TimeSpan.Zero && options.MaxAge < options.PortLifetime ? options.MaxAge : options.PortLifetime);
        ExpireTicks = clock.Ticks(options.Expire);
    }

    public UpstreamOptions Options { get; }

    public IUpstreamMeter Meter { get; }

    public UpstreamRandom Random { get; }

    public long ExpireTicks { get; }

    public bool TryStart(UpstreamExchange exchange)
    {
        int turn = t_turn++;
        if (turn % QueriesPerTurn == 0)
        {
            t_turn = turn = Random.Next() * QueriesPerTurn;
            t_turn++;
        }

        long now = exchange.StartedAt;
        for (int i = 0; i < _sockets.Length; i++)
        {
            int index = (turn / QueriesPerTurn + i) % _sockets.Length;
            UdpUpstreamSocket? socket = Volatile.Read(ref _sockets[index]);
            if (socket is null || socket.IsWorn(now, _lifetime))
            {
                socket = Open(index, now, out ExchangeStatus failure);
                if (socket is null)
                {
                    exchange.Status = failure;
                    return false;
                }

                Meter.SocketOpened(UpstreamProtocol.Udp);
            }
            else
            {
                Meter.SocketReused(UpstreamProtocol.Udp);
            }

            if (socket.TrySend(exchange, now))
            {
                return true;
            }
        }

        Meter.TableFull(UpstreamProtocol.Udp);
        exchange.Status = ExchangeStatus.Busy;
        return false;
    }

    /// <summary>Makes room for another socket in a closing one's place.</summary>
    public void Forget(UdpUpstreamSocket socket)
    {
        for (int i = 0; i < _sockets.Length; i++)
        {
            Interlocked.CompareExchange(ref _sockets[i], null, socket);
        }
    }

    /// <summary>What a socket has left behind; null when there is nothing.</summary>
    public UdpSocketParts? TakeParts() => _parts.TryTake(out UdpSocketParts? parts) ? parts : null;

    /// <summary>Keeps what a socket leaves behind, for as many as may be open.</summary>
    public void KeepParts(UdpSocketParts parts)
    {
        if (_parts.Count < _sockets.Length)
        {
            _parts.Add(parts);
        }
    }

    /// <summary>Takes no more exchanges; those under way still end.</summary>
    public void Close()
    {
        lock (_opening)
        {
            _closed = true;
            for (int i = 0; i < _sockets.Length; i++)
            {
                Interlocked.Exchange(ref _sockets[i], null)?.Retire();
            }
        }
    }

    private UdpUpstreamSocket? Open(int index, long now, out ExchangeStatus failure)
    {
        failure = ExchangeStatus.Pending;
        lock (_opening)
        {
            if (_closed)
            {
                failure = ExchangeStatus.Stopped;
                return null;
            }

            UdpUpstreamSocket? present = _sockets[index];
            if (present is not null && !present.IsWorn(now, _lifetime))
            {
                return present;
            }

            Socket? socket = null;
            try
            {
                socket = Connect();
                UdpLoop loop = _loops.Next();
                int maxQueries = (Options.PortQueries / 2) + Random.Below(Math.Min(65_536, Options.PortQueries));
                var opened = new UdpUpstreamSocket(this, loop, socket, _clock.Now, maxQueries);
                if (!loop.Add(opened))
                {
                    failure = ExchangeStatus.Stopped;
                    socket.Dispose();
                    return null;
                }

                Volatile.Write(ref _sockets[index], opened);
                present?.Retire();
                return opened;
            }
            catch (SocketException)
            {
                // No route, no such source address, no file descriptors left.
                socket?.Dispose();
                failure = ExchangeStatus.Unreachable;
                return null;
            }
        }
    }

    private Socket Connect()
    {
        var socket = new Socket(Options.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            socket.ReceiveBufferSize = 1 << 20;
            if (Options.SourceAddress is { } source)
            {
                socket.Bind(new IPEndPoint(source, 0));
            }

            // The system chooses the port, at random (RFC 5452 §9.2), from those that no service of this machine waits to listen on.
            socket.Connect(Options.Address);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }
}
