using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Queries;
using MiniDns.Server.Diagnostics;

namespace MiniDns.Server.Transport;

/// <summary>Takes PROXY protocol headers off what comes in, and the client's address from them. One for the UDP side of an address and one for
/// its TCP side.</summary>
/// <remarks>Replies go where they always go: to whoever sent the datagram, down the connection. Only what the query says of its client changes.</remarks>
internal sealed class ProxyGate
{
    private readonly DnsServices _services;
    private readonly bool _isStream;
    private volatile State? _state;

    /// <summary>Makes a gate.</summary>
    /// <param name="services">Clock, loggers and counters.</param>
    /// <param name="settings">Says whose headers are taken.</param>
    /// <param name="isStream">True for TCP.</param>
    public ProxyGate(DnsServices services, EndpointSettings settings, bool isStream)
    {
        _services = services;
        _isStream = isStream;
        Apply(settings);
    }

    /// <summary>The gate while headers are looked for; null while they are not, which then costs this one look.</summary>
    public ProxyGate? WhenOn => _state is null ? null : this;

    /// <summary>Sets whose headers are taken. Sessions are kept.</summary>
    public void Apply(EndpointSettings settings)
    {
        if (settings.ProxyProtocol is not { } options)
        {
            _state = null;
            return;
        }

        State? old = _state;
        ProxySessions? sessions = _isStream || options.SessionTime <= TimeSpan.Zero ? null
            : old is { Sessions: { } kept } && old.Options.MaxSessions == options.MaxSessions ? kept
            : new ProxySessions(options.MaxSessions);
        _state = new State(options, sessions, (long)(options.SessionTime.TotalSeconds * _services.Time.TimestampFrequency), old?.Counters ?? new Counters(_services, _isStream));
    }

    /// <summary>Takes the header off a datagram that lies in the query's receive buffer. Allocates nothing.</summary>
    /// <param name="query">The query, whose client is the sender of the datagram; it becomes the client that the header tells.</param>
    /// <param name="length">The datagram's length; becomes that of the message.</param>
    /// <param name="now">The time of arrival, as a timestamp.</param>
    /// <returns>False when there is nothing to answer.</returns>
    public bool TryTake(DnsQuery query, ref int length, long now)
    {
        if (_state is not { } state)
        {
            return true;
        }

        ClientAddress sender = query.Client;
        ProxyHeaderPolicy policy = state.Options.PolicyFor(sender);
        if (policy == ProxyHeaderPolicy.Skip || length == 0)
        {
            return true;
        }

        Span<byte> datagram = query.ReceiveBuffer.AsSpan(0, length);
        ProxyHeaderStatus status = ProxyHeader.Read(datagram, isStream: false, out ProxyHeader header);
        switch (status)
        {
            case ProxyHeaderStatus.None:
                if (policy == ProxyHeaderPolicy.Use && state.Sessions is { } known && known.TryGet(sender, now, state.SessionTicks, out ClientAddress client, out ClientAddress local))
                {
                    query.Client = client;
                    query.Local = local;
                    state.Counters.Remembered.Increment();
                }

                return true;

            case ProxyHeaderStatus.Incomplete or ProxyHeaderStatus.Malformed:
                Drop(state.Counters.Malformed, sender);
                return false;
        }

        if (policy == ProxyHeaderPolicy.Reject)
        {
            Drop(state.Counters.Rejected, sender);
            return false;
        }

        datagram[header.Length..].CopyTo(datagram);
        length -= header.Length;
        if (policy == ProxyHeaderPolicy.Ignore)
        {
            state.Counters.Ignored.Increment();
            return true;
        }

        state.Counters.Used.Increment();
        if (status == ProxyHeaderStatus.Proxied)
        {
            query.Client = header.Client;
            query.Local = header.Local;
            state.Sessions?.Put(sender, header, now);
        }

        // By itself a header begins a session; it is no question.
        return length > 0;
    }

    /// <summary>Takes the header off a connection, whose remote and local address become those that the header tells.</summary>
    /// <param name="context">The connection, just accepted.</param>
    /// <param name="patience">How long the header may take to come.</param>
    /// <param name="ending">Ends the waiting.</param>
    /// <returns>False when the connection is not to be served.</returns>
    public async ValueTask<bool> TryTakeAsync(ConnectionContext context, TimeSpan patience, CancellationToken ending)
    {
        if (_state is not { } state)
        {
            return true;
        }

        ClientAddress sender = ClientAddress.From((IPEndPoint)context.RemoteEndPoint!);
        ProxyHeaderPolicy policy = state.Options.PolicyFor(sender);
        if (policy == ProxyHeaderPolicy.Skip)
        {
            return true;
        }

        ProxyHeader header = default;
        ProxyHeaderStatus status;
        using (var late = new CancellationTokenSource(patience, _services.Time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ending))
        {
            try
            {
                (status, header) = await ReadAsync(context.Transport.Input, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        switch (status)
        {
            case ProxyHeaderStatus.None:
                return true;
            case ProxyHeaderStatus.Incomplete:
                // It ended before there was anything to answer.
                return false;
            case ProxyHeaderStatus.Malformed:
                Drop(state.Counters.Malformed, sender);
                return false;
        }

        if (policy == ProxyHeaderPolicy.Reject)
        {
            Drop(state.Counters.Rejected, sender);
            return false;
        }

        (policy == ProxyHeaderPolicy.Use ? state.Counters.Used : state.Counters.Ignored).Increment();
        if (policy == ProxyHeaderPolicy.Use && status == ProxyHeaderStatus.Proxied)
        {
            context.RemoteEndPoint = header.Client.ToEndPoint();
            context.LocalEndPoint = header.Local.ToEndPoint();
        }

        return true;
    }

    /// <summary>Reads as far as a header may go; what follows it, or all when there is none, stays to be read.</summary>
    private static async ValueTask<(ProxyHeaderStatus Status, ProxyHeader Header)> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> first = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, ProxyHeader.MaxLength));
            ProxyHeaderStatus status = ProxyHeader.Read(first.IsSingleSegment ? first.FirstSpan : first.ToArray(), isStream: true, out ProxyHeader header);
            bool isWhole = status is ProxyHeaderStatus.Proxied or ProxyHeaderStatus.Local;
            SequencePosition start = result.Buffer.GetPosition(isWhole ? header.Length : 0);
            input.AdvanceTo(start, status == ProxyHeaderStatus.Incomplete ? result.Buffer.End : start);
            if (status != ProxyHeaderStatus.Incomplete || result.IsCompleted || result.IsCanceled)
            {
                return (status, header);
            }
        }
    }

    private void Drop(StripedCounter counter, in ClientAddress sender)
    {
        counter.Increment();
        if (_state is { } state && state.Counters.Gate.MayPass())
        {
            ServerLog.ProxyHeaderDropped(state.Counters.Log, _isStream ? "tcp" : "udp", sender.ToString(), ReferenceEquals(counter, state.Counters.Malformed) ? "malformed" : "not allowed");
        }
    }

    private sealed record State(ProxyProtocolOptions Options, ProxySessions? Sessions, long SessionTicks, Counters Counters);

    private sealed class Counters(DnsServices services, bool isStream)
    {
        public LogGate Gate { get; } = new(services.Time);

        public ILogger Log { get; } = services.LoggerFor("proxyproto");

        public StripedCounter Used { get; } = Counter(services, isStream, "used");

        public StripedCounter Remembered { get; } = Counter(services, isStream, "remembered");

        public StripedCounter Ignored { get; } = Counter(services, isStream, "ignored");

        public StripedCounter Rejected { get; } = Counter(services, isStream, "rejected");

        public StripedCounter Malformed { get; } = Counter(services, isStream, "malformed");

        private static StripedCounter Counter(DnsServices services, bool isStream, string result) => services.Metrics.Counter(
            "minidns_proxyproto_headers_total", "PROXY protocol headers, by what became of them.", ("proto", isStream ? "tcp" : "udp"), ("result", result));
    }
}
