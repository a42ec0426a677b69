using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using MiniDns.Client;
using MiniDns.Client.Transfers;
using MiniDns.Plugins.Capabilities;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Transfer;

/// <summary>One secondary and the zones that it is still to be told of: a bounded list without repetitions, a few at a time.</summary>
internal sealed class NotifyTarget
{
    /// <summary>The most zones that wait for one secondary. It finds out about others when it refreshes them.</summary>
    public const int MaxWaiting = 100_000;

    /// <summary>How many notifications to one secondary are under way at once.</summary>
    public const int MaxUnderWay = 16;

    /// <summary>How often a notification is sent to a secondary that does not answer (RFC 1996 §3.6).</summary>
    public const int Tries = 5;

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(2);

    private readonly IPEndPoint _server;
    private readonly ITransferKey? _key;
    private readonly IPAddress? _source;
    private readonly TransferSources _sources;
    private readonly NotifyMeter _meter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationToken _stopping;
    private readonly Lock _gate = new();
    private readonly Queue<DnsName> _order = new();
    private readonly HashSet<DnsName> _waiting = [];
    private readonly List<Task> _senders = [];
    private int _active;
    private bool _isStarted;
    private bool _isFull;
    private volatile bool _isSilent;

    public NotifyTarget(IPEndPoint server, ITransferKey? key, IPAddress? source, TransferSources sources, NotifyMeter meter, TimeProvider time, ILogger log, CancellationToken stopping)
    {
        _server = server;
        _key = key;
        _source = source;
        _sources = sources;
        _meter = meter;
        _time = time;
        _log = log;
        _stopping = stopping;
    }

    /// <summary>Adds a zone to the list, unless it is on it.</summary>
    public void Add(DnsName zone)
    {
        lock (_gate)
        {
            if (_waiting.Count >= MaxWaiting && !_waiting.Contains(zone))
            {
                _meter.Dropped();
                if (!_isFull)
                {
                    _isFull = true;
                    _log.TooManyNotifications(_server, MaxWaiting);
                }

                return;
            }

            if (_waiting.Add(zone))
            {
                _order.Enqueue(zone);
                Pump();
            }
        }
    }

    /// <summary>Begins to send.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            Pump();
        }
    }

    /// <summary>Waits until nothing is under way; after the token has said so.</summary>
    public async Task EndAsync()
    {
        Task[] senders;
        lock (_gate)
        {
            senders = [.. _senders];
        }

        await Task.WhenAll(senders).ConfigureAwait(false);
    }

    /// <summary>Sets senders to work, as many as there may be and is work for; for the holder of the lock.</summary>
    private void Pump()
    {
        if (!_isStarted || _stopping.IsCancellationRequested)
        {
            return;
        }

        _senders.RemoveAll(static s => s.IsCompleted);
        for (int i = Math.Min(MaxUnderWay - _active, _order.Count); i > 0; i--)
        {
            _active++;
            _senders.Add(Task.Run(SendAllAsync, CancellationToken.None));
        }
    }

    private async Task SendAllAsync()
    {
        while (TryTake(out DnsName? zone))
        {
            try
            {
                await SendAsync(zone).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private bool TryTake([NotNullWhen(true)] out DnsName? zone)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested || !_order.TryDequeue(out zone))
            {
                _active--;
                zone = null;
                return false;
            }

            _waiting.Remove(zone);
            _isFull = false;
            return true;
        }
    }

    private async Task SendAsync(DnsName zone)
    {
        // Once it was silent through all tries, it gets one for each zone until it answers: a dead host does not hold up the list.
        int tries = _isSilent ? 1 : Tries;
        TimeSpan wait = FirstWait;
        ushort id = UpstreamRandom.Secure.Next();
        ITransferSignature? signature = _key?.Start();
        byte[] request = new byte[NotifyMessage.MaxSize + (signature?.MaxSize ?? 0)];
        _sources.TryGetZone(zone.View, out ITransferZone? version);
        int length = NotifyMessage.Write(request, id, zone, version);

        // All tries together are over before the signature is too old to be taken.
        length = signature?.Sign(request, length) ?? length;
        string reason = "no answer";
        try
        {
            using var socket = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            if (_source is not null)
            {
                socket.Bind(new IPEndPoint(_source, 0));
            }

            await socket.ConnectAsync(_server, _stopping).ConfigureAwait(false);
            for (int i = 0; i < tries; i++)
            {
                if (await TryOnceAsync(socket, request.AsMemory(0, length), signature, id, zone, wait).ConfigureAwait(false) is { } answer)
                {
                    _isSilent = false;
                    Conclude(zone, answer.Code, answer.Problem);
                    return;
                }

                wait *= 2;
            }
        }
        catch (SocketException e)
        {
            // No such source address, no route, no file descriptors left.
            reason = e.Message;
        }

        _isSilent = true;
        _meter.Unanswered();
        _log.NotNotified(zone, _server, reason);
    }

    /// <summary>Sends the message and waits for its answer.</summary>
    /// <returns>What it says, and what is wrong with its signature; null when none came in time.</returns>
    private async Task<(DnsResponseCode Code, string? Problem)?> TryOnceAsync(Socket socket, ReadOnlyMemory<byte> request, ITransferSignature? signature, ushort id, DnsName zone, TimeSpan wait)
    {
        using var timeout = new CancellationTokenSource(wait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping);
        byte[] buffer = new byte[NotifyMessage.MaxSize];
        try
        {
            _meter.Sent();
            await socket.SendAsync(request, SocketFlags.None, either.Token).ConfigureAwait(false);
            while (true)
            {
                int length = await socket.ReceiveAsync(buffer, SocketFlags.None, either.Token).ConfigureAwait(false);
                if (!NotifyMessage.IsAnswer(buffer.AsSpan(0, length), id, zone, out DnsResponseCode code))
                {
                    continue;
                }

                // A server that does not know the key cannot sign its refusal (RFC 8945 §5.3.2). That it took the news it has to sign.
                string? problem = null;
                if (signature?.TryVerify(buffer.AsSpan(0, length), isLast: true, out problem) != false || code != DnsResponseCode.NoError)
                {
                    return (code, problem);
                }
            }
        }
        catch (SocketException)
        {
            // Nobody listens there now; a server that is being restarted soon does.
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            // Not in time.
        }

        _stopping.ThrowIfCancellationRequested();
        return null;
    }

    private void Conclude(DnsName zone, DnsResponseCode code, string? problem)
    {
        if (code == DnsResponseCode.NoError)
        {
            _meter.Accepted();
            _log.Notified(zone, _server);
        }
        else
        {
            _meter.Rejected();
            _log.NotNotified(zone, _server, $"it answers {DnsResponseCodeText.Format(code)}{(problem is null ? "" : "; ")}{problem}");
        }
    }
}
