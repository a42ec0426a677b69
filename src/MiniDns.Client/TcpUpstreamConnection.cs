using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Numerics;
using System.Security.Authentication;
using MiniDns.Protocol.Messages;
using MiniDns.Sockets;

namespace MiniDns.Client;

/// <summary>A TCP or TLS connection with many queries under way; answers come in any order (RFC 7766 §6.2.1.1, §7).</summary>
/// <remarks>TCP is the exception among exchanges, so this one is written for plainness: asynchronous reads and writes, one lock.</remarks>
internal sealed class TcpUpstreamConnection : ISweepable, IDisposable
{
    private const int PrefixSize = 2;
    private const int InitialBuffer = 4096;

    private readonly TcpPath _path;
    private readonly Lock _lock = new();
    private readonly InFlightTable _table;
    private readonly Socket _socket;
    private SslStream? _encrypted;
    private byte[] _collected = new byte[InitialBuffer];
    private int _collectedLength;
    private byte[] _sending = new byte[InitialBuffer];
    private bool _isOpen;
    private bool _isWriting;
    private bool _isClosed;
    private bool _retired;
    private bool _answered;
    private long _usedAt;
    private long _heardAt = long.MinValue;

    public TcpUpstreamConnection(TcpPath path)
    {
        _path = path;
        _table = new InFlightTable(path.Options.MaxInFlightPerConnection, path.Random);
        _socket = new Socket(path.Options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        OpenedAt = _usedAt = path.Clock.Now;
    }

    public long OpenedAt { get; }

    /// <summary>How many exchanges wait.</summary>
    public int Count => _table.Count;

    /// <summary>True when it takes no exchange.</summary>
    public bool IsFull => Count >= _path.Options.MaxInFlightPerConnection || Volatile.Read(ref _retired) || Volatile.Read(ref _isClosed);

    /// <summary>Starts connecting; exchanges may be given to it at once.</summary>
    public void Open() => _ = Task.Run(RunAsync);

    /// <summary>Takes no new exchanges and closes when the last one has ended.</summary>
    public void Retire() => Volatile.Write(ref _retired, true);

    /// <summary>Sends an exchange's request.</summary>
    /// <returns>False when the connection takes no more; the exchange is as before.</returns>
    public bool TrySend(UpstreamExchange exchange)
    {
        lock (_lock)
        {
            if (_isClosed || _retired || !_table.TryReserve())
            {
                return false;
            }

            if (!_table.TryAdd(exchange))
            {
                Retire();
                return false;
            }

            _usedAt = _path.Clock.Now;
            Collect(exchange.Sent);
            if (_isOpen && !_isWriting)
            {
                _isWriting = true;
                _ = WriteAsync();
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public SweepResult Sweep(long now)
    {
        List<UpstreamExchange>? expired = null;
        bool close = false;
        int left;
        lock (_lock)
        {
            if (_isClosed)
            {
                return SweepResult.Gone;
            }

            int place = 0;
            while (_table.TakeExpired(now, ref place) is { } exchange)
            {
                (expired ??= []).Add(exchange);

                // Nothing was heard all the time that this one waited: perhaps nobody is there any more.
                _retired |= _heardAt < exchange.StartedAt;
            }

            left = _table.Count;
            if (left == 0)
            {
                close = _retired || now - _usedAt > _path.ExpireTicks || _path.HasTooManyIdle(this);
            }
        }

        foreach (UpstreamExchange exchange in expired ?? [])
        {
            exchange.Finish(ExchangeStatus.TimedOut);
        }

        if (close)
        {
            Close(ExchangeStatus.Closed);
            return SweepResult.Gone;
        }

        return left > 0 ? SweepResult.Waiting : SweepResult.Idle;
    }

    /// <inheritdoc/>
    public void Stop() => Close(ExchangeStatus.Stopped);

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private async Task RunAsync()
    {
        ExchangeStatus end = ExchangeStatus.Closed;
        try
        {
            if (_path.Options.SourceAddress is { } source)
            {
                _socket.Bind(new IPEndPoint(source, 0));
            }

            await _socket.ConnectAsync(_path.Options.Address).ConfigureAwait(false);
            if (_path.Tls is { } tls)
            {
                // Whoever waits meanwhile does so no longer than their deadline: then nothing was heard, and the connection is closed.
                _encrypted = new SslStream(new NetworkStream(_socket));
                await _encrypted.AuthenticateAsClientAsync(tls.Options()).ConfigureAwait(false);
            }

            lock (_lock)
            {
                _isOpen = true;
                if (_collectedLength > 0)
                {
                    _isWriting = true;
                    _ = WriteAsync();
                }
            }

            await ReadAsync().ConfigureAwait(false);
        }
        catch (SocketException failure)
        {
            end = StatusOf(failure.SocketErrorCode);
        }
        catch (AuthenticationException failure)
        {
            end = ExchangeStatus.Untrusted;
            if (failure.InnerException is not null)
            {
                // Not our check of the certificate, which has told what it found, but the protocol.
                _path.Meter.HandshakeFailed(_path.Protocol, $"it does not speak TLS as we do: {failure.InnerException.Message}");
            }
        }
        catch (IOException failure)
        {
            end = failure.InnerException is SocketException inner ? StatusOf(inner.SocketErrorCode) : ExchangeStatus.Closed;
        }
        catch (ObjectDisposedException)
        {
            // Closed by us.
        }
        catch (Exception failure) when (_path.Tls is not null)
        {
            end = ExchangeStatus.Untrusted;
            _path.Meter.HandshakeFailed(_path.Protocol, $"TLS failed: {failure.Message}");
        }

        Close(end);
        if (_encrypted is not null)
        {
            await _encrypted.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static ExchangeStatus StatusOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => ExchangeStatus.Refused,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.OperationAborted or SocketError.Shutdown => ExchangeStatus.Closed,
        _ => ExchangeStatus.Unreachable,
    };

    private ValueTask<int> ReceiveAsync(Memory<byte> buffer) =>
        _encrypted is null ? _socket.ReceiveAsync(buffer, SocketFlags.None) : _encrypted.ReadAsync(buffer);

    private async ValueTask SendAsync(ReadOnlyMemory<byte> octets)
    {
        if (_encrypted is not null)
        {
            await _encrypted.WriteAsync(octets).ConfigureAwait(false);
            return;
        }

        while (!octets.IsEmpty)
        {
            octets = octets[await _socket.SendAsync(octets, SocketFlags.None).ConfigureAwait(false)..];
        }
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[InitialBuffer];
        int filled = 0;
        while (true)
        {
            int read = await ReceiveAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
            if (read == 0)
            {
                return;
            }

            filled += read;
            int used = DeliverAll(buffer.AsSpan(0, filled));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            filled -= used;
            int needed = filled < PrefixSize ? PrefixSize : PrefixSize + BinaryPrimitives.ReadUInt16BigEndian(buffer);
            if (needed > buffer.Length)
            {
                Array.Resize(ref buffer, (int)BitOperations.RoundUpToPowerOf2((uint)needed));
            }
        }
    }

    /// <summary>Takes in all whole messages.</summary>
    /// <returns>How many octets they were.</returns>
    private int DeliverAll(ReadOnlySpan<byte> octets)
    {
        int used = 0;
        ThreadBatch.Open();
        try
        {
            while (octets.Length - used >= PrefixSize)
            {
                int length = BinaryPrimitives.ReadUInt16BigEndian(octets[used..]);
                if (octets.Length - used - PrefixSize < length)
                {
                    break;
                }

                Deliver(octets.Slice(used + PrefixSize, length));
                used += PrefixSize + length;
            }
        }
        finally
        {
            ThreadBatch.Close();
        }

        return used;
    }

    private void Deliver(ReadOnlySpan<byte> message)
    {
        UpstreamExchange? exchange = null;
        lock (_lock)
        {
            _heardAt = _path.Clock.Now;
            if (DnsHeader.TryRead(message, out DnsHeader header) && _table.Find(header.Id) is { } found && found.IsAnswer(message))
            {
                exchange = found;
                _table.Remove(found);
                _answered = true;
                _usedAt = _heardAt;
            }
        }

        if (exchange is null)
        {
            _path.Meter.AnswerIgnored(_path.Protocol);
            return;
        }

        exchange.TakeAnswer(message);
        exchange.Finish(ExchangeStatus.Answered);
    }

    private async Task WriteAsync()
    {
        try
        {
            // Off the sender's lock and thread.
            await Task.Yield();
            while (true)
            {
                int length;
                lock (_lock)
                {
                    if (_collectedLength == 0 || _isClosed)
                    {
                        _isWriting = false;
                        return;
                    }

                    (_collected, _sending) = (_sending, _collected);
                    length = _collectedLength;
                    _collectedLength = 0;
                }

                await SendAsync(_sending.AsMemory(0, length)).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            Close(ExchangeStatus.Closed);
        }
    }

    private void Collect(ReadOnlySpan<byte> message)
    {
        int needed = _collectedLength + PrefixSize + message.Length;
        if (_collected.Length < needed)
        {
            // At most as many messages collect as exchanges may wait.
            Array.Resize(ref _collected, (int)BitOperations.RoundUpToPowerOf2((uint)needed));
        }

        BinaryPrimitives.WriteUInt16BigEndian(_collected.AsSpan(_collectedLength), (ushort)message.Length);
        message.CopyTo(_collected.AsSpan(_collectedLength + PrefixSize));
        _collectedLength = needed;
    }

    private void Close(ExchangeStatus status)
    {
        List<UpstreamExchange> left = [];
        bool answered;
        lock (_lock)
        {
            if (_isClosed)
            {
                return;
            }

            Volatile.Write(ref _isClosed, true);
            answered = _answered;
            int place = 0;
            while (_table.TakeExpired(long.MaxValue, ref place) is { } exchange)
            {
                left.Add(exchange);
            }
        }

        _path.Forget(this);
        _socket.Dispose();
        foreach (UpstreamExchange exchange in left)
        {
            _path.Abandon(exchange, answered, status);
        }
    }
}
