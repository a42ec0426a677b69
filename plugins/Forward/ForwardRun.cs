using System.Buffers.Binary;
using System.Threading.Tasks.Sources;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>One query on its way through the upstreams. Pooled: a forwarded query allocates nothing.</summary>
/// <remarks>
/// Written as callbacks rather than as an async method, so that it is its own <see cref="ValueTask{TResult}"/> and an answer is
/// finished on the thread that received it. Once a try has been started this object belongs to whoever ends the try.
/// </remarks>
internal sealed class ForwardRun : IValueTaskSource<DnsOutcome>, IExchangeObserver
{
    private static readonly DnsFailure NoUpstream = new(DnsResponseCode.ServerFailure, "no upstream is healthy");
    private static readonly DnsFailure NotStarted = new(DnsResponseCode.ServerFailure, "the upstreams are not known yet");

    // RFC 8914 §4.23, §4.24.
    private const ushort NoReachableAuthority = 22;
    private const ushort NetworkError = 23;
    private const int OptFixedSize = 11;

    // However many tries the configuration allows: a refusal comes back in microseconds.
    private const int MaxTries = 200;

    private readonly ForwardHandler _handler;
    private readonly UpstreamExchange _exchange;
    private ManualResetValueTaskSourceCore<DnsOutcome> _core;
    private ForwardUpstream[] _upstreams = [];
    private byte[] _order = [];
    private DnsQuery _query = null!;
    private ForwardUpstream? _current;
    private DnsFailure? _failure;
    private ushort _extendedError;
    private bool _isRewritten;
    private bool _hasCutAnswer;
    private bool _isEnding;
    private int _next;
    private int _downs;
    private int _failovers;
    private uint _tries;
    private uint _maxTries;
    private long _startedAt;

    public ForwardRun(ForwardHandler handler)
    {
        _handler = handler;
        _exchange = new UpstreamExchange(this);
    }

    /// <summary>Forwards a query.</summary>
    public ValueTask<DnsOutcome> ForwardAsync(DnsQuery query)
    {
        _query = query;
        _upstreams = _handler.Upstreams;
        _current = null;
        _failure = null;
        _extendedError = NoReachableAuthority;
        _hasCutAnswer = false;
        _isEnding = false;
        _next = 0;
        _downs = 0;
        _failovers = 0;
        _tries = 0;
        _maxTries = _handler.Options.MaxConnectAttempts switch
        {
            null => 2 * (uint)_upstreams.Length,
            0 => MaxTries,
            uint limit => Math.Min(limit, MaxTries),
        };
        _startedAt = _handler.Time.GetTimestamp();

        // Read before the first try: after it this object may have ended and begun anew on another thread.
        short version = _core.Version;
        if (_upstreams.Length == 0)
        {
            _failure = NotStarted;
            GiveUp();
        }
        else
        {
            if (_order.Length != _upstreams.Length)
            {
                _order = new byte[_upstreams.Length];
            }

            _handler.Order(_order);
            WriteRequest();
            TryNext();
        }

        return new ValueTask<DnsOutcome>(this, version);
    }

    /// <inheritdoc/>
    public DnsOutcome GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _query = null!;
            _handler.Return(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    /// <inheritdoc/>
    public bool IsAbandoned => _query is { IsAbandoned: true };

    /// <inheritdoc/>
    public void Finished(UpstreamExchange exchange)
    {
        try
        {
            if (_query.IsAbandoned)
            {
                Complete(DnsOutcome.Dropped);
                return;
            }

            if (TryTakeAnswer(exchange.Status))
            {
                return;
            }

            TryNext();
        }
        catch (Exception fault) when (!_isEnding)
        {
            _isEnding = true;
            _handler.Leave();
            _core.SetException(fault);
        }
    }

    /// <summary>Starts the next try, or gives up.</summary>
    private void TryNext()
    {
        while (_tries < _maxTries && _handler.Time.GetElapsedTime(_startedAt) < ForwardOptions.QueryTimeout)
        {
            if (_next >= _order.Length)
            {
                _next = 0;
                _downs = 0;
            }

            ForwardUpstream upstream = _upstreams[_order[_next++]];
            if (upstream.IsDown)
            {
                if (++_downs < _upstreams.Length)
                {
                    continue;
                }

                _handler.AllDown.Increment();
                if (_handler.Options.FailFast)
                {
                    break;
                }

                // When all are down, perhaps it is the checks that do not work.
                upstream = _upstreams[_handler.Random.Below(_upstreams.Length)];
            }

            _current = upstream;
            if (upstream.Upstream.TryStart(_exchange, FirstProtocol()))
            {
                return;
            }

            NoteFailure(_exchange.Status);
        }

        GiveUp();
    }

    private UpstreamProtocol FirstProtocol()
    {
        if (_handler.Options.ForceTcp)
        {
            return UpstreamProtocol.Tcp;
        }

        return _handler.Options.PreferUdp || _query.Transport is DnsTransport.Udp or DnsTransport.Internal ? UpstreamProtocol.Udp : UpstreamProtocol.Tcp;
    }

    /// <summary>Looks at how a try ended.</summary>
    /// <returns>True when the query has ended or another try is under way; false when the next upstream is to be tried.</returns>
    private bool TryTakeAnswer(ExchangeStatus status)
    {
        if (status != ExchangeStatus.Answered)
        {
            if (_hasCutAnswer)
            {
                // TCP did not work out; what came over UDP says itself that it is not all.
                return CompleteAnswer();
            }

            NoteFailure(status);
            return false;
        }

        ReadOnlySpan<byte> message = _exchange.Response;
        if (!_query.Response.SetWire(message) || !_handler.Cleaner.TryClean(_query, message) || (_isRewritten && !_query.Response.TryMaterialize()))
        {
            NoteFailure(status);
            return false;
        }

        _hasCutAnswer = false;
        if ((_query.Response.Flags & DnsResponseFlags.Truncated) != 0 && _exchange.Protocol == UpstreamProtocol.Udp)
        {
            _hasCutAnswer = true;
            return _current!.Upstream.TryStart(_exchange, UpstreamProtocol.Tcp) || CompleteAnswer();
        }

        return CompleteAnswer();
    }

    /// <summary>Decides what becomes of the answer that the response holds.</summary>
    private bool CompleteAnswer()
    {
        ForwardOptions options = _handler.Options;
        _hasCutAnswer = false;
        DnsResponseCode code = _query.Response.Code;
        if (options.Failover.Count > 0 && Contains(options.Failover, code) && ++_failovers < _upstreams.Length)
        {
            return false;
        }

        if (_handler.Next is ForwardHandler following && (Contains(options.Next, code) || (options.NextOnNoData && IsNoData(code))))
        {
            _query.Response.Clear();
            Chain(following.HandleAsync(_query));
            return true;
        }

        TakeOptions();
        Complete(DnsOutcome.Replied);
        return true;
    }

    private bool IsNoData(DnsResponseCode code) =>
        code == DnsResponseCode.NoError && DnsHeader.TryRead(_exchange.Response, out DnsHeader header) && header.AnswerCount == 0;

    private static bool Contains(IReadOnlyList<DnsResponseCode> codes, DnsResponseCode code)
    {
        for (int i = 0; i < codes.Count; i++)
        {
            if (codes[i] == code)
            {
                return true;
            }
        }

        return false;
    }

    private void Chain(ValueTask<DnsOutcome> rest)
    {
        if (rest.IsCompletedSuccessfully)
        {
            Complete(rest.Result);
        }
        else
        {
            _ = ChainAsync(rest);
        }
    }

    private async Task ChainAsync(ValueTask<DnsOutcome> rest)
    {
        DnsOutcome outcome;
        try
        {
            outcome = await rest.ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            _isEnding = true;
            _handler.Leave();
            _core.SetException(fault);
            return;
        }

        Complete(outcome);
    }

    private void NoteFailure(ExchangeStatus status)
    {
        _tries++;
        _failure = _current!.FailureFor(status);
        _extendedError = status is ExchangeStatus.TimedOut or ExchangeStatus.Busy ? NoReachableAuthority : NetworkError;
        _current.NoteFailure(status);
    }

    private void GiveUp()
    {
        DnsOutcome outcome = _query.Fail(_failure ?? NoUpstream);
        _query.Response.AddExtendedError(_extendedError, default);
        Complete(outcome);
    }

    private void Complete(DnsOutcome outcome)
    {
        _handler.Leave();
        _isEnding = true;

        // The last access: the continuation runs inside, reads the outcome and returns this object to the pool.
        _core.SetResult(outcome);
    }

    /// <summary>Writes the message for the upstreams: the client's octets, or the rewritten question with the client's OPT.</summary>
    private void WriteRequest()
    {
        DnsQuery query = _query;
        EdnsView edns = query.Edns;
        ReadOnlySpan<byte> wire = query.Wire;
        ReadOnlySpan<byte> asked = query.AskedQuestion;
        _isRewritten = query.Type != (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(asked[^4..])
            || !query.LowerName.Equals(query.AskedName);
        Span<byte> to = _exchange.BeginRequest(Math.Max(wire.Length, DnsHeader.Size + query.LowerName.Length + 4) + OptFixedSize + edns.OptionsLength);
        int optAt;
        if (_isRewritten)
        {
            new DnsHeader(0, query.Header.Flags, 1, 0, 0, (ushort)(edns.IsPresent ? 1 : 0)).Write(to);
            query.LowerName.Wire.CopyTo(to[DnsHeader.Size..]);
            optAt = DnsHeader.Size + query.LowerName.Length + 4;
            BinaryPrimitives.WriteUInt16BigEndian(to[(optAt - 4)..], (ushort)query.Type);
            BinaryPrimitives.WriteUInt16BigEndian(to[(optAt - 2)..], (ushort)query.Class);
        }
        else
        {
            DnsHeader header = query.Header;
            int records = header.AnswerCount + header.AuthorityCount + header.AdditionalCount;
            if (records > 1 || (records == 1 && !edns.IsPresent))
            {
                // Something out of the ordinary, perhaps a signature over the whole message (RFC 8945): as it is.
                wire.CopyTo(to);
                _exchange.SetRequest(wire.Length);
                return;
            }

            // What follows the message's end, if anything, is not passed on.
            optAt = query.QuestionEnd;
            wire[..optAt].CopyTo(to);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], query.Header.Flags);     // as handlers before this one left them
        }

        _exchange.SetRequest(edns.IsPresent ? optAt + WriteOpt(query, edns, to[optAt..]) : optAt);
    }

    /// <summary>Writes the client's OPT record, without what concerns only the hop from the client to us.</summary>
    private int WriteOpt(DnsQuery query, in EdnsView edns, Span<byte> to)
    {
        ReadOnlySpan<byte> wire = query.Wire;
        wire.Slice(edns.OptionsOffset - OptFixedSize, OptFixedSize).CopyTo(to);

        // The payload size is a matter of each hop (RFC 6891 §6.2.3); ours avoids fragments on the way here.
        int size = query.Transport == DnsTransport.Udp ? Math.Clamp(query.MaxReplySize, DnsQuery.MinUdpSize, ResponseEncoder.AnnouncedUdpSize) : ResponseEncoder.AnnouncedUdpSize;
        BinaryPrimitives.WriteUInt16BigEndian(to[3..], (ushort)size);
        int length = 0;
        ReadOnlySpan<byte> options = wire.Slice(edns.OptionsOffset, edns.OptionsLength);
        while (options.Length >= 4)
        {
            // That the options are whole was checked when the query came.
            ReadOnlySpan<byte> option = options[..(4 + BinaryPrimitives.ReadUInt16BigEndian(options[2..]))];
            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(option);

            // Where a client is, is nobody's business, and an answer for one subnet is not to be kept for others (RFC 7871 §11.1).
            if (!IsOfOneHop(code) && (code != EdnsOptionCode.ClientSubnet || _handler.Options.PassSubnets))
            {
                option.CopyTo(to[(OptFixedSize + length)..]);
                length += option.Length;
            }

            options = options[option.Length..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(to[9..], (ushort)length);
        return OptFixedSize + length;
    }

    /// <summary>True for options that are not passed on in either direction (RFC 7873 §5, RFC 7828 §3.1, RFC 7830 §3).</summary>
    private static bool IsOfOneHop(EdnsOptionCode code) => code is EdnsOptionCode.Cookie or EdnsOptionCode.TcpKeepalive or EdnsOptionCode.Padding;

    /// <summary>Passes the EDNS options of the upstream's answer on, those of one hop left out.</summary>
    private void TakeOptions()
    {
        ReadOnlySpan<byte> message = _exchange.Response;
        if (!_query.Edns.IsPresent || !WireIndex.TryScan(message, [], out WireScan scan) || scan.OptLength <= OptFixedSize)
        {
            return;
        }

        ReadOnlySpan<byte> options = message.Slice(scan.OptOffset + OptFixedSize, scan.OptLength - OptFixedSize);
        while (options.Length >= 4)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(options[2..]);
            if (options.Length - 4 < length)
            {
                return;
            }

            var code = (EdnsOptionCode)BinaryPrimitives.ReadUInt16BigEndian(options);
            if (!IsOfOneHop(code))
            {
                _query.Response.AddOption(code, options.Slice(4, length));
            }

            options = options[(4 + length)..];
        }
    }
}
