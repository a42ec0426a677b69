using System.Net.Sockets;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Messages;
using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>A connected UDP socket with the exchanges that wait on it. Threads of queries send; the loop's thread does everything else.</summary>
internal sealed class UdpUpstreamSocket : ISweepable, IFlushable
{
    private const int SendBatchSize = 64;

    private readonly UdpPath _path;
    private readonly UdpLoop _loop;
    private readonly InFlightTable _table;
    private readonly Lock _sending = new();
    private readonly bool _batching;
    private readonly int _maxQueries;
    private int _queries;
    private bool _isGone;
    private volatile bool _retired;
    private volatile bool _unreachable;
    private long _usedAt;

    public UdpUpstreamSocket(UdpPath path, UdpLoop loop, Socket socket, long now, int maxQueries)
    {
        _path = path;
        _loop = loop;
        _batching = loop is BatchUdpLoop;
        UdpSocketParts parts = path.TakeParts()
            ?? new UdpSocketParts(new InFlightTable(path.Options.MaxInFlightPerSocket, path.Random), new SendBatch(_batching ? SendBatchSize : 1));
        _table = parts.Table;
        Outgoing = parts.Outgoing;
        _maxQueries = maxQueries;
        Socket = socket;
        Handle = socket.SafeHandle;
        OpenedAt = now;
        _usedAt = now;
    }

    public Socket Socket { get; }

    public SafeHandle Handle { get; }

    public SendBatch Outgoing { get; }

    public long OpenedAt { get; }

    /// <summary>True when the port has been used for long enough.</summary>
    public bool IsWorn(long now, long lifetime) => _queries >= _maxQueries || now - OpenedAt > lifetime;

    /// <summary>Takes no new exchanges any more and closes when the last one has ended.</summary>
    public void Retire() => _retired = true;

    /// <summary>Sends an exchange's request.</summary>
    /// <returns>False when the socket takes no more; the exchange is as before.</returns>
    public bool TrySend(UpstreamExchange exchange, long now)
    {
        if (!_table.TryReserve())
        {
            return false;
        }

        // The counter's barrier stands between: either this sees that the socket is retired, or the sweep sees the reservation.
        if (_retired)
        {
            _table.Release();
            return false;
        }

        Volatile.Write(ref _usedAt, now);
        _queries++;     // several threads may lose a count now and then: it is a rough limit
        byte[] request = exchange.RequestBuffer;
        int length = exchange.RequestLength;
        if (!_table.TryAdd(exchange))
        {
            return false;
        }

        // From here on the exchange may end at any moment and belong to somebody else.
        if (!_batching)
        {
            SendNow(request, length);
            return true;
        }

        lock (_sending)
        {
            if (Outgoing.IsFull)
            {
                FlushLocked();
            }

            Outgoing.Add(request, length, null);
        }

        if (!ThreadBatch.TryPutOff(this))
        {
            Flush();
        }

        return true;
    }

    public void Flush()
    {
        lock (_sending)
        {
            FlushLocked();
        }
    }

    /// <summary>Takes a datagram in.</summary>
    /// <param name="datagram">Its octets.</param>
    /// <param name="isCut">True when it was longer than the buffer.</param>
    public void Deliver(ReadOnlySpan<byte> datagram, bool isCut)
    {
        if (!DnsHeader.TryRead(datagram, out DnsHeader header) || _table.Find(header.Id) is not { } exchange)
        {
            _path.Meter.AnswerIgnored(UpstreamProtocol.Udp);
            return;
        }

        // Of one that was cut the end is missing, which is where a cookie would be. It is asked for over TCP in any case.
        AnswerVerdict verdict = !isCut ? exchange.Upstream!.Judge(exchange, datagram)
            : exchange.IsAnswer(datagram) ? AnswerVerdict.Take : AnswerVerdict.Ignore;
        if (verdict == AnswerVerdict.Ignore)
        {
            _path.Meter.AnswerIgnored(UpstreamProtocol.Udp);
            return;
        }

        _table.Remove(exchange);
        if (verdict == AnswerVerdict.Doubt)
        {
            exchange.Upstream!.CheckOverTcp(exchange);
            return;
        }

        if (verdict == AnswerVerdict.AskAgain)
        {
            exchange.Upstream!.AskAgain(exchange);
            return;
        }

        if (isCut)
        {
            exchange.TakeCutAnswer(datagram);
        }
        else
        {
            exchange.TakeAnswer(datagram);
        }

        exchange.Finish(ExchangeStatus.Answered);
    }

    /// <summary>Ends all exchanges as failed when a send said that the upstream cannot be reached.</summary>
    public void FailIfUnreachable()
    {
        if (_unreachable)
        {
            _unreachable = false;
            Fail(ExchangeStatus.Refused);
        }
    }

    /// <summary>Ends all exchanges.</summary>
    public void Fail(ExchangeStatus status) => End(long.MaxValue, status);

    /// <inheritdoc/>
    public SweepResult Sweep(long now)
    {
        FailIfUnreachable();
        End(now, ExchangeStatus.TimedOut);

        // In this order: whoever came in before the socket retired has been counted.
        bool retired = _retired;
        if (_table.Count > 0)
        {
            return SweepResult.Waiting;
        }

        if (!retired)
        {
            if (now - Volatile.Read(ref _usedAt) <= _path.ExpireTicks)
            {
                return SweepResult.Idle;
            }

            _path.Forget(this);
            Retire();
            Interlocked.MemoryBarrier();
            if (_table.Count > 0)
            {
                return SweepResult.Waiting;
            }
        }

        Socket.Dispose();
        lock (_sending)
        {
            // What was put off too long to be sent stays with it.
            if (!_isGone && Outgoing.Count == 0)
            {
                _path.KeepParts(new UdpSocketParts(_table, Outgoing));
            }

            _isGone = true;
        }

        return SweepResult.Gone;
    }

    /// <inheritdoc/>
    public void Stop()
    {
        _path.Forget(this);
        Retire();
        Interlocked.MemoryBarrier();
        Fail(ExchangeStatus.Stopped);
        Socket.Dispose();
    }

    private void End(long now, ExchangeStatus status)
    {
        int place = 0;
        while (_table.TakeExpired(now, ref place) is { } exchange)
        {
            exchange.Finish(status);
        }
    }

    private void FlushLocked()
    {
        if (_isGone || Outgoing.Count == 0)
        {
            return;
        }

        try
        {
            if (!_loop.Flush(this))
            {
                _unreachable = true;
                _loop.Wake();
            }
        }
        catch (ObjectDisposedException)
        {
            // Everybody who waited was told already.
        }
    }

    private void SendNow(byte[] request, int length)
    {
        try
        {
            Socket.Send(request.AsSpan(0, length), SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable))
            {
                _unreachable = true;
                _loop.Wake();
            }
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }
}
