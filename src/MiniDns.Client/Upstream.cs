using System.Globalization;

namespace MiniDns.Client;

/// <summary>A server that queries are forwarded to: its sockets and connections. Opens nothing before the first query.</summary>
public sealed class Upstream : IDisposable
{
    private readonly UdpPath _udp;
    private readonly TcpPath _tcp;
    private readonly HttpsPath? _https;
    private readonly UpstreamGuard _guard;
    private readonly Clock _clock;
    private readonly long _timeout;

    /// <summary>Makes an upstream.</summary>
    /// <param name="options">How it is talked to.</param>
    /// <param name="loops">The threads that will receive its answers.</param>
    /// <param name="meter">Counts.</param>
    /// <param name="random">Ids and ports.</param>
    public Upstream(UpstreamOptions options, UpstreamLoops loops, IUpstreamMeter meter, UpstreamRandom random)
    {
        Options = options;
        Name = options.Address.ToString();
        _clock = loops.Clock;
        _timeout = _clock.Ticks(options.ReadTimeout);
        _guard = new UpstreamGuard(options, random, meter);
        _udp = new UdpPath(options, loops, _clock, meter, random);
        _tcp = new TcpPath(options, loops, _clock, meter, random);
        _https = options.Scheme == UpstreamScheme.Https ? new HttpsPath(options, _clock, meter) : null;
    }

    /// <summary>How it is talked to.</summary>
    public UpstreamOptions Options { get; }

    /// <summary>Address and port as text, <c>192.0.2.1:53</c>.</summary>
    public string Name { get; }

    /// <summary>Sends an exchange's request and sees to its answer.</summary>
    /// <param name="exchange">An exchange that is not under way.</param>
    /// <param name="protocol">What to send it over; an upstream that is talked to in secret has its own way whatever this says.</param>
    /// <returns>False when nothing could be sent: the status says why, and the observer is not told. True when it is under way: the observer
    /// will be told, or has been told already.</returns>
    public bool TryStart(UpstreamExchange exchange, UpstreamProtocol protocol) => TryStart(exchange, protocol, _timeout);

    /// <summary>The same, with another time to wait for the answer.</summary>
    public bool TryStart(UpstreamExchange exchange, UpstreamProtocol protocol, TimeSpan timeout) => TryStart(exchange, protocol, _clock.Ticks(timeout));

    /// <summary>Closes all connections; sockets end with their loop or when they are idle.</summary>
    public void Dispose()
    {
        _udp.Close();
        _tcp.Close();
        _https?.Dispose();
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}");

    /// <summary>Judges a message over UDP that has the exchange's id.</summary>
    internal AnswerVerdict Judge(UpstreamExchange exchange, ReadOnlySpan<byte> message) => _guard.Judge(exchange, message);

    /// <summary>Asks over TCP what somebody has perhaps answered in the upstream's name.</summary>
    internal void CheckOverTcp(UpstreamExchange exchange)
    {
        exchange.Protocol = UpstreamProtocol.Tcp;
        if (!TryStart(exchange))
        {
            exchange.Finish(exchange.Status);
        }
    }

    /// <summary>Asks again with the cookie that the upstream has just sent, or without any; over TCP when it wants yet another one (RFC 7873 §5.3).</summary>
    internal void AskAgain(UpstreamExchange exchange)
    {
        if (exchange.HasAskedAgain)
        {
            CheckOverTcp(exchange);
            return;
        }

        exchange.HasAskedAgain = true;
        AskOverUdp(exchange);
    }

    /// <summary>Ends a check over TCP.</summary>
    /// <returns>True when another try is under way.</returns>
    internal bool GoesOn(UpstreamExchange exchange)
    {
        if (!_guard.Conclude(exchange))
        {
            return false;
        }

        AskOverUdp(exchange);
        return true;
    }

    private void AskOverUdp(UpstreamExchange exchange)
    {
        exchange.Protocol = UpstreamProtocol.Udp;
        exchange.BeginTry();
        _guard.Prepare(exchange);
        if (!TryStart(exchange))
        {
            exchange.Finish(exchange.Status);
        }
    }

    private bool TryStart(UpstreamExchange exchange, UpstreamProtocol protocol, long timeout)
    {
        exchange.Status = ExchangeStatus.Pending;
        exchange.Protocol = protocol = Options.Scheme switch
        {
            UpstreamScheme.Tls => UpstreamProtocol.Tls,
            UpstreamScheme.Https => UpstreamProtocol.Https,
            _ => protocol,
        };
        exchange.Upstream = this;
        exchange.Doubt = AnswerDoubt.None;
        exchange.HasAskedAgain = false;
        exchange.WithoutCookie = false;
        exchange.Patience = timeout;
        exchange.BeginTry();
        if (protocol == UpstreamProtocol.Udp)
        {
            _guard.Prepare(exchange);
        }

        return TryStart(exchange);
    }

    private bool TryStart(UpstreamExchange exchange)
    {
        exchange.Reconnects = 0;
        exchange.StartedAt = _clock.Now;
        exchange.Deadline = exchange.StartedAt + exchange.Patience;
        return exchange.Protocol switch
        {
            UpstreamProtocol.Udp => _udp.TryStart(exchange),
            UpstreamProtocol.Https => _https!.TryStart(exchange),
            _ => _tcp.TryStart(exchange),
        };
    }
}
