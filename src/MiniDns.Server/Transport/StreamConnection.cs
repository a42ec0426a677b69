using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;

namespace MiniDns.Server.Transport;

/// <summary>One TCP or TLS connection: messages behind two octets of length, many in flight, replies as they become ready (RFC 7766).</summary>
/// <remarks>
/// The client's end of the connection (half-close) cancels <see cref="BaseConnectionContext.ConnectionClosed"/> although replies can
/// still be sent; what ends our waiting is <c>_gone</c>, which is set when a reply cannot be delivered or the server gives up.
/// </remarks>
internal sealed class StreamConnection : IQueryOrigin, IDisposable
{
    private const int LengthSize = 2;

    /// <summary>Octets of replies that are written before they are sent on: what one client can make us hold.</summary>
    private const int FlushThreshold = 32 * 1024;

    /// <summary>When the server stops: how long nothing may come before a connection counts as served.</summary>
    public static readonly TimeSpan StopPatience = TimeSpan.FromMilliseconds(100);

    /// <summary>When the server stops: how long a client that never pauses is served. Then its connection ends right after an answer, not under a
    /// query.</summary>
    public static readonly TimeSpan EagerPatience = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _context;
    private readonly TlsSession? _tls;
    private readonly DnsTransport _transport;
    private readonly StreamListener _listener;
    private readonly QueryDispatcher _dispatcher;
    private readonly QueryPool _pool;
    private readonly TimeProvider _time;
    private readonly EndpointSettings _settings;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _room;
    private readonly CancellationTokenSource _gone = new();
    private readonly ClientAddress _client;
    private readonly ClientAddress _local;
    private ITimer? _timer;
    private int _waiting;
    private int _unflushed;
    private int _queriesLeft;
    private long _stoppingSince;
    private volatile bool _stopping;
    private volatile bool _timedOut;

    /// <summary>Makes it.</summary>
    /// <param name="context">The connection.</param>
    /// <param name="tls">What its octets are inside of; null when they are not encrypted.</param>
    /// <param name="transport">How its queries come, as far as plugins and counters are concerned.</param>
    /// <param name="listener">The listener.</param>
    /// <param name="dispatcher">Answers.</param>
    /// <param name="pool">Queries.</param>
    /// <param name="time">The clock.</param>
    /// <param name="settings">Limits and timeouts.</param>
    public StreamConnection(
        ConnectionContext context, TlsSession? tls, DnsTransport transport, StreamListener listener, QueryDispatcher dispatcher, QueryPool pool, TimeProvider time, EndpointSettings settings)
    {
        _context = context;
        _tls = tls;
        _transport = transport;
        _listener = listener;
        _dispatcher = dispatcher;
        _pool = pool;
        _time = time;
        _settings = settings;
        _input = context.Transport.Input;
        _output = context.Transport.Output;
        _room = new SemaphoreSlim(settings.MaxQueriesPerConnection);
        _queriesLeft = settings.MaxQueries ?? int.MaxValue;
        _client = ClientAddress.From((IPEndPoint)context.RemoteEndPoint!);
        _local = ClientAddress.From((IPEndPoint)context.LocalEndPoint!);
    }

    public RoutingTable Routes => _listener.Routes;

    /// <summary>Serves until the client closes, a limit is reached or the server stops; then waits for replies under way, and
    /// until they are sent. Never throws.</summary>
    public async Task RunAsync()
    {
        _timer = _time.CreateTimer(static c => ((StreamConnection)c!).TimeOut(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await ReadAsync().ConfigureAwait(false);

            // What was asked before the client's end is still answered.
            for (int i = 0; i < _settings.MaxQueriesPerConnection; i++)
            {
                await _room.WaitAsync(_gone.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            // The client is gone, or was too slow. Nobody is there to be told.
            Abort();
        }

        await CloseAsync().ConfigureAwait(false);
    }

    /// <summary>Reads what has been sent already; the connection ends when nothing more comes and its queries are answered.</summary>
    public void StopReading()
    {
        _stoppingSince = _time.GetTimestamp();
        _stopping = true;
        _input.CancelPendingRead();
    }

    /// <inheritdoc/>
    /// <remarks>The semaphores and the token are left to the collector: queries still in flight use them after the connection is gone.</remarks>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Ends the connection now.</summary>
    public void Abort()
    {
        _gone.Cancel();
        _context.Abort();
    }

    private static bool IsLoss(Exception e) =>
        e is IOException or ConnectionAbortedException or ConnectionResetException or OperationCanceledException or InvalidOperationException or TimeoutException;

    private async Task ReadAsync()
    {
        bool partial = false;
        long partialSince = 0;
        while (true)
        {
            // A message has to be whole in time, however often a piece of it comes.
            TimeSpan patience = _stopping ? StopPatience : partial ? _settings.ReadTimeout - _time.GetElapsedTime(partialSince) : _settings.IdleTimeout;
            _timer!.Change(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            ReadResult result = await _input.ReadAsync().ConfigureAwait(false);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (result.IsCanceled && _timedOut && (partial || _stopping || Volatile.Read(ref _waiting) == 0))
            {
                _input.AdvanceTo(result.Buffer.Start);
                return;
            }

            _timedOut = false;
            ReadOnlySequence<byte> buffer = await ServeAsync(result.Buffer).ConfigureAwait(false);
            bool tookAny = !buffer.Start.Equals(result.Buffer.Start);
            if (!buffer.IsEmpty && (tookAny || !partial))
            {
                partialSince = _time.GetTimestamp();
            }

            partial = !buffer.IsEmpty;
            _input.AdvanceTo(buffer.Start, buffer.End);
            bool isEager = _stopping && tookAny && !partial && _time.GetElapsedTime(_stoppingSince) > EagerPatience;
            if (result.IsCompleted || _queriesLeft == 0 || isEager)
            {
                return;
            }
        }
    }

    /// <summary>Answers the whole messages of what was read.</summary>
    /// <returns>What is left: part of a message, or messages beyond what the connection may ask.</returns>
    private async ValueTask<ReadOnlySequence<byte>> ServeAsync(ReadOnlySequence<byte> buffer)
    {
        bool holding = false;
        try
        {
            while (_queriesLeft > 0 && TryTakeMessage(ref buffer, out ReadOnlySequence<byte> message))
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

                    await _room.WaitAsync(_gone.Token).ConfigureAwait(false);
                }

                _queriesLeft--;
                DnsQuery query = Take(message);
                RoutingTable routes = _listener.EnterRoutes();
                ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(query, (int)message.Length, _transport, routes);
                if (!pending.IsCompletedSuccessfully || query.Continuation is not null)
                {
                    Interlocked.Increment(ref _waiting);
                    _listener.Enter();
                    _ = FinishAsync(query, pending, routes.Use);
                    continue;
                }

                DnsOutcome outcome = pending.Result;
                if (outcome == DnsOutcome.Dropped && !query.MayWait)
                {
                    // A client on a connection would wait for what never comes.
                    _dispatcher.DroppedFull.Increment();
                    outcome = query.Reply(DnsResponseCode.ServerFailure);
                }

                int length = _dispatcher.Finish(query, outcome);
                routes.Use.Leave();
                if (length > 0)
                {
                    if (!holding)
                    {
                        await _writing.WaitAsync(_gone.Token).ConfigureAwait(false);
                        holding = true;
                    }

                    Write(query, length);
                }

                _pool.Return(query);
                _room.Release();
                if (_unflushed >= FlushThreshold && holding)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
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

        return buffer;
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
        query.MayWait = _listener.MayWait;
        _dispatcher.Received.Increment();
        return query;
    }

    private async Task FinishAsync(DnsQuery query, ValueTask<DnsOutcome> pending, PlanUse use)
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

            await SendAsync(query, _dispatcher.Finish(query, outcome)).ConfigureAwait(false);
            if (query.Continuation is { } sequence)
            {
                // A transfer: each message is made when the one before it is on its way, so a slow client costs one message.
                await Task.Yield();
                while (sequence.TryNext(query))
                {
                    query.Tsig?.Advance();
                    await SendAsync(query, _dispatcher.Finish(query, DnsOutcome.Replied)).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (IsLoss(e))
        {
            Abort();
        }
        finally
        {
            query.Continuation?.Dispose();
            query.Continuation = null;
            use.Leave();
            _pool.Return(query);
            _listener.Leave();
            Interlocked.Decrement(ref _waiting);
            _room.Release();
        }
    }

    private async ValueTask SendAsync(DnsQuery query, int length)
    {
        if (length == 0)
        {
            return;
        }

        await _writing.WaitAsync(_gone.Token).ConfigureAwait(false);
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

    /// <summary>Writes a reply; for the holder of the writer.</summary>
    private void Write(DnsQuery query, int length)
    {
        _gone.Token.ThrowIfCancellationRequested();
        Span<byte> destination = _output.GetSpan(LengthSize + length);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)length);
        query.SendBuffer.AsSpan(0, length).CopyTo(destination[LengthSize..]);
        _output.Advance(LengthSize + length);
        _unflushed += LengthSize + length;
    }

    /// <summary>Sends what is written on; for the holder of the writer.</summary>
    /// <exception cref="TimeoutException">The client does not take its replies.</exception>
    private async ValueTask FlushAsync()
    {
        _unflushed = 0;
        ValueTask<FlushResult> flush = _output.FlushAsync();
        FlushResult result = flush.IsCompletedSuccessfully
            ? flush.Result
            : await flush.AsTask().WaitAsync(_settings.WriteTimeout, _time).ConfigureAwait(false);
        if (result.IsCompleted)
        {
            // Nobody takes octets from the pipe any more: the connection is broken.
            throw new ConnectionAbortedException();
        }
    }

    /// <summary>Closes the connection when all that was written is sent; a client that takes nothing has so much time, no more.</summary>
    private async Task CloseAsync()
    {
        Task closing = EndAsync();
        try
        {
            await closing.WaitAsync(_settings.WriteTimeout, _time).ConfigureAwait(false);
        }
        catch (Exception e) when (IsLoss(e))
        {
            Abort();
        }
    }

    private async Task EndAsync()
    {
        if (_tls is not null && !_gone.IsCancellationRequested)
        {
            await _tls.EndAsync().ConfigureAwait(false);
        }

        await _context.DisposeAsync().ConfigureAwait(false);
    }

    private void TimeOut()
    {
        _timedOut = true;
        _input.CancelPendingRead();
    }
}
