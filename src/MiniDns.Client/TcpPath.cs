using MiniDns.Client.Secure;

namespace MiniDns.Client;

/// <summary>The TCP or TLS connections to one upstream: kept, each with many queries under way (RFC 7766 §6.2.1), more of them as queries pile up.</summary>
internal sealed class TcpPath
{
    /// <summary>So many queries wait on a connection before another one is opened.</summary>
    private const int Comfortable = 64;

    /// <summary>How often an exchange moves on when a connection closes that did answer others: a server may close after each answer.</summary>
    private const int MaxReconnects = 16;

    /// <summary>The same for a connection that answered nobody: a reset may be the network's doing.</summary>
    private const int MaxReconnectsUnanswered = 2;

    private readonly UpstreamLoops _loops;
    private readonly Lock _lock = new();
    private readonly List<TcpUpstreamConnection> _connections = [];
    private bool _closed;

    /// <summary>Makes the connections' keeper; it opens none.</summary>
    /// <param name="options">How the upstream is talked to.</param>
    /// <param name="loops">Who looks after deadlines.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="meter">Counts.</param>
    /// <param name="random">Ids.</param>
    public TcpPath(UpstreamOptions options, UpstreamLoops loops, Clock clock, IUpstreamMeter meter, UpstreamRandom random)
    {
        Options = options;
        Clock = clock;
        Meter = meter;
        Random = random;
        _loops = loops;
        if (options.Scheme == UpstreamScheme.Tls)
        {
            Protocol = UpstreamProtocol.Tls;
            Tls = new TlsClient(options.Tls, options.ServerName ?? options.Address.Address.ToString(), reason => meter.HandshakeFailed(UpstreamProtocol.Tls, reason));
        }

        ExpireTicks = clock.Ticks(options.Expire);
        MaxAgeTicks = options.MaxAge > TimeSpan.Zero ? clock.Ticks(options.MaxAge) : long.MaxValue;
    }

    public UpstreamOptions Options { get; }

    public UpstreamProtocol Protocol { get; } = UpstreamProtocol.Tcp;

    /// <summary>What encrypts the connections; null when nothing does.</summary>
    public TlsClient? Tls { get; }

    public Clock Clock { get; }

    public IUpstreamMeter Meter { get; }

    public UpstreamRandom Random { get; }

    public long ExpireTicks { get; }

    public long MaxAgeTicks { get; }

    public bool TryStart(UpstreamExchange exchange)
    {
        while (true)
        {
            TcpUpstreamConnection? connection = Choose(exchange.StartedAt, out bool isNew, out ExchangeStatus failure);
            if (connection is null)
            {
                exchange.Status = failure;
                return false;
            }

            if (isNew)
            {
                Meter.SocketOpened(Protocol);
            }
            else
            {
                Meter.SocketReused(Protocol);
            }

            // It may have closed or filled up since it was chosen; then it is not chosen again.
            if (connection.TrySend(exchange))
            {
                return true;
            }
        }
    }

    /// <summary>Ends an exchange whose connection has closed, or moves it to another connection.</summary>
    /// <param name="exchange">The exchange, already taken out of the connection.</param>
    /// <param name="answered">True when the connection answered others.</param>
    /// <param name="status">How it ends if it ends.</param>
    public void Abandon(UpstreamExchange exchange, bool answered, ExchangeStatus status)
    {
        if (status == ExchangeStatus.Closed && exchange.Reconnects < (answered ? MaxReconnects : MaxReconnectsUnanswered))
        {
            exchange.Reconnects++;
            if (TryStart(exchange))
            {
                return;
            }

            status = exchange.Status;
        }

        exchange.Finish(status);
    }

    /// <summary>True when one more connection without queries is more than are kept.</summary>
    public bool HasTooManyIdle(TcpUpstreamConnection asking)
    {
        if (Options.MaxIdleConnections == 0)
        {
            return false;
        }

        lock (_lock)
        {
            int idle = 0;
            foreach (TcpUpstreamConnection connection in _connections)
            {
                idle += connection != asking && connection.Count == 0 ? 1 : 0;
            }

            return idle >= Options.MaxIdleConnections;
        }
    }

    public void Forget(TcpUpstreamConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (TcpUpstreamConnection connection in _connections)
            {
                connection.Retire();
            }

            _connections.Clear();
        }
    }

    private TcpUpstreamConnection? Choose(long now, out bool isNew, out ExchangeStatus failure)
    {
        isNew = false;
        failure = ExchangeStatus.Busy;
        lock (_lock)
        {
            if (_closed)
            {
                failure = ExchangeStatus.Stopped;
                return null;
            }

            TcpUpstreamConnection? best = null;
            for (int i = _connections.Count - 1; i >= 0; i--)
            {
                TcpUpstreamConnection connection = _connections[i];
                if (now - connection.OpenedAt > MaxAgeTicks)
                {
                    connection.Retire();
                    _connections.RemoveAt(i);
                }
                else if (!connection.IsFull && (best is null || connection.Count < best.Count))
                {
                    best = connection;
                }
            }

            if ((best is null || best.Count >= Comfortable) && _connections.Count < Options.MaxConnections)
            {
                best = new TcpUpstreamConnection(this);
                isNew = true;
                if (!_loops.Next().Add(best))
                {
                    failure = ExchangeStatus.Stopped;
                    return null;
                }

                _connections.Add(best);
                best.Open();
            }

            if (best is null)
            {
                Meter.TableFull(Protocol);
            }

            return best;
        }
    }
}
