using System.Globalization;
using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>An upstream with its health and the failures that it may cause, made once.</summary>
internal sealed class ForwardUpstream : IUpstreamLink, IAsyncDisposable
{
    private readonly DnsFailure[] _failures;
    private readonly DnsFailure _streamTimeout;
    private readonly ForwardMeter _meter;
    private readonly uint _maxFails;
    private readonly UpstreamProtocol _protocol;
    private readonly ILogger _logger;
    private readonly Action<ForwardUpstream> _onBack;
    private volatile bool _isOff;
    private int _isSaidDown;
    private int _isSaidSilent;

    public ForwardUpstream(Upstream upstream, UpstreamState state, ForwardMeter meter, ForwardOptions options, TimeProvider time, ILogger logger, Action<ForwardUpstream> onBack)
    {
        Upstream = upstream;
        State = state;
        _meter = meter;
        _maxFails = options.MaxFails;
        _logger = logger;
        _onBack = onBack;
        _protocol = options.ForceTcp ? UpstreamProtocol.Tcp : UpstreamProtocol.Udp;
        Health = new UpstreamHealth(
            upstream,
            options.HealthDomain,
            options.HealthRecursion,
            _protocol,
            options.HealthInterval,
            time,
            Checked);
        string to = upstream.Name;
        string seconds = options.ReadTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _failures = new DnsFailure[(int)ExchangeStatus.Stopped + 1];
        Array.Fill(_failures, new DnsFailure(DnsResponseCode.ServerFailure, $"upstream {to} failed"));
        _failures[(int)ExchangeStatus.Answered] = new(DnsResponseCode.ServerFailure, $"upstream {to} sent a malformed answer");

        // "consolidate 5m ".* i/o timeout$"" stands in many a Corefile: these begin and end as CoreDNS's do.
        _failures[(int)ExchangeStatus.TimedOut] = new(DnsResponseCode.ServerFailure, $"read udp {to}: no answer within {seconds}s: i/o timeout");
        _streamTimeout = new(DnsResponseCode.ServerFailure, $"read tcp {to}: no answer within {seconds}s: i/o timeout");
        _failures[(int)ExchangeStatus.Refused] = new(DnsResponseCode.ServerFailure, $"upstream {to}: connection refused");
        _failures[(int)ExchangeStatus.Unreachable] = new(DnsResponseCode.ServerFailure, $"upstream {to} is unreachable");
        _failures[(int)ExchangeStatus.Closed] = new(DnsResponseCode.ServerFailure, $"upstream {to} closed the connection");
        _failures[(int)ExchangeStatus.Untrusted] = new(DnsResponseCode.ServerFailure, $"upstream {to} cannot be talked to in secret: its certificate or its TLS is not acceptable");
        _failures[(int)ExchangeStatus.Busy] = new(DnsResponseCode.ServerFailure, $"too many queries wait for upstream {to}");
        _failures[(int)ExchangeStatus.Stopped] = new(DnsResponseCode.ServerFailure, "the server is stopping");
    }

    public Upstream Upstream { get; }

    /// <inheritdoc/>
    public string Name => Upstream.Name;

    /// <summary>How it has answered of late.</summary>
    public UpstreamState State { get; }

    public UpstreamHealth Health { get; }

    /// <summary>True when more checks in a row have failed than are forgiven.</summary>
    public bool IsDown => _maxFails != 0 && (uint)Health.Fails > _maxFails;

    /// <inheritdoc/>
    public bool IsOff
    {
        get => _isOff;
        set => _isOff = value;
    }

    /// <summary>What a query fails with when a try ended so.</summary>
    public DnsFailure FailureFor(UpstreamExchange exchange) => exchange.Status switch
    {
        ExchangeStatus.TimedOut when exchange.Protocol != UpstreamProtocol.Udp => _streamTimeout,
        var status => (int)status < _failures.Length ? _failures[(int)status] : _failures[0],
    };

    /// <summary>Notes that an answer came.</summary>
    /// <param name="exchange">The exchange that it ended.</param>
    /// <param name="now">The present timestamp.</param>
    /// <param name="isSecond">True when it was the second one of the question, over TCP.</param>
    public void NoteAnswer(UpstreamExchange exchange, long now, bool isSecond)
    {
        DnsHeader.TryRead(exchange.Response, out DnsHeader header);
        long roundTrip = now - exchange.StartedAt;
        _meter.Answered(header.ResponseCode, roundTrip);
        bool isFailure = header.ResponseCode is DnsResponseCode.ServerFailure or DnsResponseCode.Refused;
        bool isBack = State.Answered(isSecond ? -1 : roundTrip, now, isFailure);
        if (isBack || Health.Fails > 0)
        {
            Health.NoteAnswer();
            NoteBack(isBack);
        }
    }

    /// <summary>Notes that an answer is later than nearly all are.</summary>
    public void NoteOverdue(long now)
    {
        if (State.Overdue(now))
        {
            NoteSilence();
        }
    }

    /// <summary>Notes that a try failed, and how its exchange says.</summary>
    public void NoteFailure(UpstreamExchange exchange)
    {
        ExchangeStatus status = exchange.Status;
        if (status is ExchangeStatus.Busy or ExchangeStatus.Stopped)
        {
            return;
        }

        if (State.Failed(status, exchange.StartedAt))
        {
            NoteSilence();
        }

        Check();
    }

    /// <summary>Counts a query that was sent here although another upstream had it already.</summary>
    public void NoteExtra() => _meter.Extras.Increment();

    /// <inheritdoc/>
    public Task<bool> AskAsync(DnsName name, DnsRecordType type, CancellationToken cancellationToken) =>
        LinkProbe.AskAsync(Upstream, _protocol, name, type, cancellationToken);

    /// <summary>Begins to check, as after a failure.</summary>
    public void Check()
    {
        if (_maxFails != 0)
        {
            Health.Check();
        }
    }

    /// <summary>Goes on where the checks of an earlier configuration were.</summary>
    public void Resume(int fails)
    {
        Health.Resume(fails);
        _isSaidDown = IsDown ? 1 : 0;
        Check();
    }

    /// <summary>Takes it out of the metrics: it is an upstream no more.</summary>
    public void Withdraw() => _meter.Withdraw();

    public async ValueTask DisposeAsync()
    {
        await Health.DisposeAsync();
        Upstream.Dispose();
    }

    private void NoteSilence()
    {
        if (Interlocked.Exchange(ref _isSaidSilent, 1) == 0)
        {
            _logger.UpstreamSilent(Upstream.Name);
        }

        Check();
    }

    private void NoteBack(bool wasSilent)
    {
        // What was silent before a reload has not been said since.
        bool wasSaid = (Interlocked.Exchange(ref _isSaidSilent, 0) | Interlocked.Exchange(ref _isSaidDown, 0)) != 0;
        if (wasSaid)
        {
            _logger.UpstreamUp(Upstream.Name);
        }

        if (wasSaid || wasSilent)
        {
            _onBack(this);
        }
    }

    private void Checked(UpstreamHealth health, bool isHealthy)
    {
        if (isHealthy)
        {
            // A sign of life counts for as much as an answer.
            NoteBack(State.Answered(-1, State.Now, isFailure: null));
            return;
        }

        _meter.HealthFailures.Increment();
        if (IsDown && Interlocked.Exchange(ref _isSaidDown, 1) == 0)
        {
            _logger.UpstreamDown(Upstream.Name, health.Fails);
        }
    }
}
