using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client;

/// <summary>Whether an upstream is believed to work. Asks it only after somebody met a failure, and until it answers.</summary>
public sealed class UpstreamHealth : IExchangeObserver, IAsyncDisposable
{
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);

    private readonly Upstream _upstream;
    private readonly UpstreamExchange _exchange;
    private readonly UpstreamProtocol _protocol;
    private readonly TimeSpan _interval;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly Action<UpstreamHealth, bool> _onCheck;
    private readonly CancellationTokenSource _stopping = new();
    private TaskCompletionSource<ExchangeStatus>? _pending;
    private Task _probing = Task.CompletedTask;
    private int _active;
    private int _fails;

    /// <summary>Makes the checker of an upstream; it sends nothing yet.</summary>
    /// <param name="upstream">The upstream.</param>
    /// <param name="domain">The name whose NS records are asked for.</param>
    /// <param name="recursionDesired">RD in the question.</param>
    /// <param name="protocol">What the question goes over.</param>
    /// <param name="interval">How long after the beginning of a failed check the next one begins; a check waits as long for its answer,
    /// within bounds, so that an upstream that is back is noticed as soon as the interval promises.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onCheck">Told after each check whether it went well.</param>
    public UpstreamHealth(
        Upstream upstream,
        DnsName domain,
        bool recursionDesired,
        UpstreamProtocol protocol,
        TimeSpan interval,
        TimeProvider time,
        Action<UpstreamHealth, bool> onCheck)
    {
        _upstream = upstream;
        _protocol = protocol;
        _interval = interval < ShortestInterval ? ShortestInterval : interval;
        _timeout = interval < ShortestTimeout ? ShortestTimeout : interval > LongestTimeout ? LongestTimeout : interval;
        _time = time;
        _onCheck = onCheck;
        _exchange = new UpstreamExchange(this);
        _exchange.SetRequest(PlainExchange.WriteQuery(_exchange.BeginRequest(512), domain.View, DnsRecordType.NS, recursionDesired));
    }

    /// <summary>How many checks in a row have failed.</summary>
    public int Fails => Volatile.Read(ref _fails);

    /// <summary>Takes over what was known before the upstream's checker was made anew.</summary>
    /// <param name="fails">How many checks in a row had failed.</param>
    public void Resume(int fails) => Volatile.Write(ref _fails, fails);

    /// <summary>Forgets failed checks: the upstream answered a query.</summary>
    public void NoteAnswer() => Volatile.Write(ref _fails, 0);

    /// <summary>Starts to check, unless it is being done.</summary>
    public void Check()
    {
        if (Volatile.Read(ref _active) == 0 && Interlocked.Exchange(ref _active, 1) == 0)
        {
            _probing = Task.Run(ProbeAsync);
        }
    }

    /// <summary>Stops checking.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _active, 1);
        await _stopping.CancelAsync().ConfigureAwait(false);
        _pending?.TrySetResult(ExchangeStatus.Stopped);
        await _probing.ConfigureAwait(false);
        _stopping.Dispose();
    }

    void IExchangeObserver.Finished(UpstreamExchange exchange) => _pending?.TrySetResult(exchange.Status);

    private async Task ProbeAsync()
    {
        try
        {
            while (true)
            {
                long begun = _time.GetTimestamp();
                var pending = new TaskCompletionSource<ExchangeStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
                _pending = pending;
                ExchangeStatus status = _upstream.TryStart(_exchange, _protocol, _timeout)
                    ? await pending.Task.ConfigureAwait(false)
                    : _exchange.Status;

                // Any answer is a sign of life, whatever its code. A full table says nothing about the upstream.
                if (status == ExchangeStatus.Answered)
                {
                    Volatile.Write(ref _fails, 0);
                    _onCheck(this, true);
                    break;
                }

                if (status == ExchangeStatus.Stopped)
                {
                    return;
                }

                if (status != ExchangeStatus.Busy)
                {
                    if (_fails < int.MaxValue)
                    {
                        Interlocked.Increment(ref _fails);
                    }

                    _onCheck(this, false);
                }

                TimeSpan rest = _interval - _time.GetElapsedTime(begun);
                await Task.Delay(rest < ShortestInterval ? ShortestInterval : rest, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Volatile.Write(ref _active, 0);
    }
}
