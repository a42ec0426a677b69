using System.Globalization;
using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Forward;

/// <summary>An upstream with its health and the failures that it may cause, made once.</summary>
internal sealed class ForwardUpstream : IAsyncDisposable
{
    private readonly DnsFailure[] _failures;
    private readonly ForwardMeter _meter;
    private readonly uint _maxFails;
    private readonly ILogger _logger;

    public ForwardUpstream(Upstream upstream, ForwardMeter meter, ForwardOptions options, TimeProvider time, ILogger logger)
    {
        Upstream = upstream;
        _meter = meter;
        _maxFails = options.MaxFails;
        _logger = logger;
        Health = new UpstreamHealth(
            upstream,
            options.HealthDomain,
            options.HealthRecursion,
            options.ForceTcp ? UpstreamProtocol.Tcp : UpstreamProtocol.Udp,
            options.HealthInterval,
            time,
            Checked);
        string to = upstream.Name;
        string seconds = options.ReadTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        _failures = new DnsFailure[(int)ExchangeStatus.Stopped + 1];
        Array.Fill(_failures, new DnsFailure(DnsResponseCode.ServerFailure, $"upstream {to} failed"));
        _failures[(int)ExchangeStatus.Answered] = new(DnsResponseCode.ServerFailure, $"upstream {to} sent a malformed answer");
        _failures[(int)ExchangeStatus.TimedOut] = new(DnsResponseCode.ServerFailure, $"upstream {to} did not answer within {seconds}s");
        _failures[(int)ExchangeStatus.Refused] = new(DnsResponseCode.ServerFailure, $"upstream {to}: connection refused");
        _failures[(int)ExchangeStatus.Unreachable] = new(DnsResponseCode.ServerFailure, $"upstream {to} is unreachable");
        _failures[(int)ExchangeStatus.Closed] = new(DnsResponseCode.ServerFailure, $"upstream {to} closed the connection");
        _failures[(int)ExchangeStatus.Untrusted] = new(DnsResponseCode.ServerFailure, $"upstream {to} cannot be talked to in secret: its certificate or its TLS is not acceptable");
        _failures[(int)ExchangeStatus.Busy] = new(DnsResponseCode.ServerFailure, $"too many queries wait for upstream {to}");
        _failures[(int)ExchangeStatus.Stopped] = new(DnsResponseCode.ServerFailure, "the server is stopping");
    }

    public Upstream Upstream { get; }

    public UpstreamHealth Health { get; }

    /// <summary>True when more checks in a row have failed than are forgiven.</summary>
    public bool IsDown => _maxFails != 0 && (uint)Health.Fails > _maxFails;

    /// <summary>What a query fails with when a try ended so.</summary>
    public DnsFailure FailureFor(ExchangeStatus status) => _failures[(int)status];

    /// <summary>Notes that a try failed.</summary>
    public void NoteFailure(ExchangeStatus status)
    {
        if (_maxFails != 0 && status is not (ExchangeStatus.Busy or ExchangeStatus.Stopped))
        {
            Health.Check();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Health.DisposeAsync();
        Upstream.Dispose();
    }

    private void Checked(UpstreamHealth health, bool isHealthy)
    {
        if (isHealthy)
        {
            if (_wasDown)
            {
                _wasDown = false;
                _logger.UpstreamUp(Upstream.Name);
            }

            return;
        }

        _meter.HealthFailures.Increment();
        if (IsDown && !_wasDown)
        {
            _wasDown = true;
            _logger.UpstreamDown(Upstream.Name, health.Fails);
        }
    }

    // Only the one check that is under way comes here.
    private bool _wasDown;
}
