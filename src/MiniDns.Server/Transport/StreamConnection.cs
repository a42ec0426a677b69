using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One TCP connection: messages behind two octets of length, many in flight, replies as they become ready (RFC 7766).</summary>
internal sealed class StreamConnection : IQueryOrigin, IDisposable
{
    private const int LengthSize = 2;

    private readonly ConnectionContext _context;
    private readonly StreamListener _listener;
    private readonly QueryDispatcher _dispatcher;
    private readonly QueryPool _pool;
    private readonly TimeProvider _time;
    private readonly EndpointSettings _settings;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _room;
    private readonly ClientAddress _client;
    private readonly ClientAddress _local;
    private ITimer? _timer;
    private int _waiting;
    private volatile bool _stopping;
    private volatile bool _timedOut;

    public StreamConnection(ConnectionContext context, StreamListener listener, QueryDispatcher dispatcher, QueryPool pool, TimeProvider time, EndpointSettings settings)
    {
        _context = context;
        _listener = listener;
        _dispatcher = dispatcher;
        _pool = pool;
        _time = time;
        _settings = settings;
        _input = context.Transport.Input;
        _output = context.Transport.Output;
        _room = new SemaphoreSlim(settings.MaxQueriesPerConnection);
        _client = ClientAddress.From((IPEndPoint)context.RemoteEndPoint!);
        _local = ClientAddress.From((IPEndPoint)context.LocalEndPoint!);
    }

    public RoutingTable Routes => _listener.Routes;

    /// <summary>Serves until the client closes, a limit is reached or the server stops; then waits for replies under way.</summary>
    public async Task RunAsync()
    {
        _timer = _time.CreateTimer(static c => ((StreamConnection)c!).TimeOut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await ReadAsync().ConfigureAwait(false);

            // Half-close: what was asked before the client's end is still answered.
            _timer.Change(_settings.WriteTimeout + _settings.WriteTimeout, Timeout.InfiniteTimeSpan);
            for (int i = 0; i < _settings.MaxQueriesPerConnection; i++)
            {
                await _room.WaitAsync(_context.ConnectionClosed).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone, or was too slow. Nobody is there to be told.
        }
    }

    /// <summary>Reads no more messages; the connection ends when its queries are answered.</summary>
    public void StopReading()
    {
        _stopping = true;
        _input.CancelPendingRead();
    }

    /// <inheritdoc/>
    /// <remarks>The semaphores are left to the collector: queries still in flight release them after the connection is gone.</remarks>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Ends the connection now.</summary>
    public void Abort() => _context.Abort();

    private async Task ReadAsync()
    {
        bool partial = false;
        while (!_stopping)
        {
            _timer!.Change(partial ? _settings.ReadTimeout : _settings.IdleTimeout, Timeout.InfiniteTimeSpan);
            ReadResult result = await _input.ReadAsync().ConfigureAwait(false);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (result.IsCanceled && (_stopping || (_timedOut && (partial || Volatile.Read(ref _waiting) == 0))))
            {
                _input.AdvanceTo(result.Buffer.Start);
                return;
            }

            _timedOut = false;
            ReadOnlySequence<byte> buffer = result.Buffer;
            bool holding = false;
            try
            {
                while (TryTakeMessage(ref buffer, out ReadOnlySequence<byte> message))
                {
                    if (!_room.Wait(0))
                    {
                        // As many in flight as one connection may have: let go of the writer, so that they can finish.
                        if (holding)
                        {
                            await FlushAsync().ConfigureAwait(false);
                            _writing.Release();
                            holding = false;
                        }

                        await _room.WaitAsync(_context.ConnectionClosed).ConfigureAwait(false);
                    }

                    DnsQuery query = Take(message);
                    ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(query, (int)message.Length, DnsTransport.Tcp, Routes);
                    if (!pending.IsCompletedSuccessfully)
                    {
                        Interlocked.Increment(ref _waiting);
                        _ = FinishAsync(query, pending);
                        continue;
                    }

                    int length = _dispatcher.Finish(query, pending.Result);
                    if (length > 0)
                    {
                        if (!holding)
                        {
                            await _writing.WaitAsync(_context.ConnectionClosed).ConfigureAwait(false);
                            holding = true;
                        }

                        Write(query, length);
                    }

                    _pool.Return(query);
                    _room.Release();
                }

                if (holding)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
            }
            finally
            {
                if (holding)
                {
                    _writing.Release();
                }
            }

            partial = !buffer.IsEmpty;
            _input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static bool TryTakeMessage(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < LengthSize)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[LengthSize];
        buffer.Slice(0, LengthSize).CopyTo(prefix);
        int length = BinaryPrimitives.ReadUInt16BigEndian(prefix);
        if (buffer.Length < LengthSize + length)
        {
            return false;
        }

        message = buffer.Slice(LengthSize, length);
        buffer = buffer.Slice(LengthSize + length);
        return true;
    }

    private DnsQuery Take(ReadOnlySequence<byte> message)
    {
        DnsQuery query = _pool.Rent();
        query.EnsureReceiveBuffer((int)message.Length);
        message.CopyTo(query.ReceiveBuffer);
        query.Origin = this;
        query.Client = _client;
        query.Local = _local;
        query.ReceivedAt = _time.GetTimestamp();
        return query;
    }

    private async Task FinishAsync(DnsQuery query, ValueTask<DnsOutcome> pending)
    {
        try
        {
            DnsOutcome outcome;
            try
            {
                outcome = await pending.ConfigureAwait(false);
            }
            catch (Exception e)
            {
                outcome = _dispatcher.HandlerFailed(query, e);
            }

            int length = _dispatcher.Finish(query, outcome);
            if (length > 0)
            {
                await _writing.WaitAsync(_context.ConnectionClosed).ConfigureAwait(false);
                try
                {
                    Write(query, length);
                    await FlushAsync().ConfigureAwait(false);
                }
                finally
                {
                    _writing.Release();
                }
            }
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException or InvalidOperationException)
        {
            _context.Abort();
        }
        finally
        {
            _pool.Return(query);
            Interlocked.Decrement(ref _waiting);
            _room.Release();
        }
    }

    private void Write(DnsQuery query, int length)
    {
        Span<byte> destination = _output.GetSpan(LengthSize + length);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
        query.SendBuffer.AsSpan(0, length).CopyTo(destination[LengthSize..]);
        _output.Advance(LengthSize + length);
    }

    private async ValueTask FlushAsync()
    {
        ValueTask<FlushResult> flush = _output.FlushAsync();
        if (flush.IsCompletedSuccessfully)
        {
            _ = flush.Result;
            return;
        }

        // The client does not take its replies: it gets so long, then the connection ends.
        await flush.AsTask().WaitAsync(_settings.WriteTimeout, _time).ConfigureAwait(false);
    }

    private void TimeOut()
    {
        _timedOut = true;
        _input.CancelPendingRead();
    }
}
