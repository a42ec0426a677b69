using System.Net;
using System.Runtime.CompilerServices;
using MiniDns.Client.Transfers;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Primaries;

/// <summary>A zone that is had from primaries: kept fresh, and given up when it is too old (RFC 1034 §4.3.5, RFC 1035 §3.3.13).</summary>
/// <remarks>
/// One timer a zone, no thread, no task while it waits. All decisions are taken under one lock; the conversation with the
/// primaries runs outside of it, at most one at a time for each zone.
/// </remarks>
/// <typeparam name="T">A version of the zone; immutable.</typeparam>
internal abstract class TransferredZone<T> : INotifiedZone, IAsyncDisposable
    where T : class
{
    /// <summary>Timers take no longer spans.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(24);

    private readonly Lock _lock = new();
    private readonly TransferContext _context;
    private readonly ZoneConversation<T> _conversation;
    private readonly ITransferFormat<T> _format;
    private readonly RefreshSchedule _schedule;
    private readonly CancellationTokenSource _stopping = new();
    private ITimer? _timer;
    private T? _data;                        // the newest version, also when it is too old to be served
    private ZoneState _state = ZoneState.New;
    private Task _asking = Task.CompletedTask;
    private IPEndPoint? _newsFrom;
    private bool _hasNews;
    private StrongBox<ClientAddress>? _notifier;
    private int _isNotified;

    /// <summary>Makes a zone that does nothing yet.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="context">What all zones share.</param>
    /// <param name="format">How versions are made.</param>
    protected TransferredZone(DnsName origin, TransferSource source, TransferContext context, ITransferFormat<T> format)
    {
        Origin = origin;
        Source = source;
        _context = context;
        _format = format;
        _conversation = new ZoneConversation<T>(origin, source, context, format);
        _schedule = new RefreshSchedule(context.NextDouble);
    }

    /// <summary>Called after new data is served or old data is confirmed; the flag tells which. Calls do not overlap.</summary>
    public event Action<bool>? Confirmed;

    /// <summary>The zone's name.</summary>
    public DnsName Origin { get; }

    /// <summary>Where it comes from.</summary>
    public TransferSource Source { get; }

    /// <summary>The version that holds; null when there is none, or it is too old.</summary>
    public abstract T? Present { get; }

    /// <summary>True when there is data, but too old.</summary>
    public bool IsExpired => Present is null && Volatile.Read(ref _data) is not null;

    /// <summary>What it does.</summary>
    public ZoneState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>The newest data and the time of day when a primary last confirmed it; null without data.</summary>
    public (T Data, DateTimeOffset ConfirmedAt)? Snapshot
    {
        get
        {
            lock (_lock)
            {
                return _data is { } data && _schedule.ConfirmedAt is { } at ? (data, _context.Time.GetUtcNow() - (_context.Now - at)) : null;
            }
        }
    }

    /// <summary>Begins with data from before: read from disk. Before <see cref="Start"/>.</summary>
    /// <param name="data">The data.</param>
    /// <param name="age">How long ago a primary confirmed it.</param>
    public void Restore(T data, TimeSpan age)
    {
        lock (_lock)
        {
            TimeSpan now = _context.Now;
            _schedule.Restored(TimersOf(data), now - age, now);
            Take(data, now);
        }
    }

    /// <summary>Begins where the same zone of another configuration is now. Before <see cref="Start"/>.</summary>
    public void TakeOver(TransferredZone<T> other)
    {
        lock (other._lock)
        {
            if (other._data is not { } data)
            {
                return;
            }

            lock (_lock)
            {
                TimeSpan now = _context.Now;
                _schedule.Continue(other._schedule);
                if (!other.Source.Primaries.SequenceEqual(Source.Primaries))
                {
                    _schedule.Hurry(now);
                }

                Take(data, now);
            }
        }
    }

    /// <summary>Starts to ask the primaries.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (_state == ZoneState.New)
            {
                _state = ZoneState.Waiting;
                _timer = _context.Time.CreateTimer(static zone => ((TransferredZone<T>)zone!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Arm();
            }
        }
    }

    /// <summary>True when an address is one of the primaries'.</summary>
    public bool IsPrimary(in ClientAddress client)
    {
        foreach (TransferPrimary primary in Source.Primaries)
        {
            ClientAddress address = ClientAddress.From(primary.Address);
            if (address.IsIPv6 == client.IsIPv6 && address.Bits == client.Bits)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when a key is one of the primaries'.</summary>
    public bool IsPrimaryKey(DnsName name)
    {
        foreach (TransferPrimary primary in Source.Primaries)
        {
            if (primary.Key is NamedKey key && key.KeyName == name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Notes that there may be a newer version (RFC 1996 §3.11).</summary>
    /// <param name="from">Who says so: it is asked first.</param>
    /// <param name="serial">The serial number it tells, if it does.</param>
    public void Notify(in ClientAddress from, uint? serial)
    {
        // The number is a hint from nobody known; it can do no more harm than a message that was lost.
        if (serial is { } told && Present is { } present && !SerialNumber.IsNewer(told, _format.SerialOf(present)))
        {
            return;
        }

        // The lock may be held for as long as others take to look at a new version, and the caller is a socket's thread.
        Volatile.Write(ref _notifier, new StrongBox<ClientAddress>(from));
        if (Interlocked.Exchange(ref _isNotified, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static zone => zone.TakeNews(), this, preferLocal: false);
        }
    }

    /// <summary>Stops; the conversation under way is called off.</summary>
    public async ValueTask DisposeAsync()
    {
        Task asking;
        lock (_lock)
        {
            _state = ZoneState.Stopped;
            _timer?.Dispose();
            asking = _asking;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await asking.ConfigureAwait(false);
        _stopping.Dispose();
    }

    /// <summary>Makes a version hold; null takes away the one that is too old. Calls do not overlap.</summary>
    protected abstract void Publish(T? version);

    private ZoneTimers TimersOf(T data) => ZoneTimers.FromSoa(_format.SoaOf(data));

    private void TakeNews()
    {
        Volatile.Write(ref _isNotified, 0);
        IPAddress? address = Volatile.Read(ref _notifier)?.Value.ToIPAddress();
        lock (_lock)
        {
            if (_state is ZoneState.New or ZoneState.Stopped)
            {
                return;
            }

            _newsFrom = Source.Primaries.FirstOrDefault(p => p.Address.Address.Equals(address))?.Address;
            if (_state == ZoneState.Asking)
            {
                // The answer under way may be from before the change.
                _hasNews = true;
                return;
            }

            _schedule.Hurry(_context.Now);
            Arm();
        }
    }

    private void Take(T data, TimeSpan now)
    {
        Volatile.Write(ref _data, data);
        T? served = _schedule.IsExpired(now) ? null : data;
        if (!ReferenceEquals(Present, served))
        {
            Publish(served);
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_state is ZoneState.Stopped)
            {
                return;
            }

            TimeSpan now = _context.Now;
            ExpireIfDue(now);
            if (_state == ZoneState.Waiting && _schedule.NextCheck <= now)
            {
                _state = ZoneState.Asking;
                _asking = Task.Run(AskAsync);
            }

            Arm();
        }
    }

    private void ExpireIfDue(TimeSpan now)
    {
        if (Present is { } served && _schedule.IsExpired(now))
        {
            Publish(null);
            _context.Meter.Expired.Increment();
            TransferLog.Expired(_context.Logger, Origin.ToString(), _format.SerialOf(served));
        }
    }

    /// <summary>Sets the timer to what comes next: a question, or the end of the data.</summary>
    private void Arm()
    {
        TimeSpan? due = _state == ZoneState.Waiting ? _schedule.NextCheck : null;
        if (Present is not null && _schedule.ExpiresAt is { } expiry && (due is null || expiry < due))
        {
            due = expiry;
        }

        TimeSpan wait = due is { } at ? at - _context.Now : Timeout.InfiniteTimeSpan;
        if (due is not null)
        {
            // Timers count whole milliseconds: rounded up, lest they come a little early and for nothing.
            wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
            wait = wait < LongestWait ? wait : LongestWait;
        }

        _timer?.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private async Task AskAsync()
    {
        try
        {
            await _context.Slots.EnterAsync(_stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        try
        {
            while (await AskOnceAsync().ConfigureAwait(false))
            {
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        finally
        {
            _context.Slots.Leave();
        }
    }

    /// <summary>Asks the primaries and takes what they give.</summary>
    /// <returns>True when news came meanwhile, and they are to be asked again.</returns>
    private async Task<bool> AskOnceAsync()
    {
        T? data;
        bool isExpired;
        IPEndPoint? first;
        lock (_lock)
        {
            data = _data;
            isExpired = data is not null && Present is null;
            (first, _newsFrom, _hasNews) = (_newsFrom, null, false);
        }

        ConversationResult<T> result;
        try
        {
            result = await _conversation.RunAsync(data, isExpired, first, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            TransferLog.Crashed(_context.Logger, Origin.ToString(), e);
            result = ConversationResult<T>.Failed;
        }

        return Finish(result);
    }

    private bool Finish(in ConversationResult<T> result)
    {
        bool isConfirmed;
        lock (_lock)
        {
            if (_state == ZoneState.Stopped)
            {
                return false;
            }

            TimeSpan now = _context.Now;
            T? data = result.NewData ?? (result.IsCurrent ? _data : null);
            isConfirmed = data is not null;
            if (data is not null)
            {
                _schedule.Confirmed(TimersOf(data), now);
                Take(data, now);
            }
            else
            {
                _schedule.Failed(now);
                TransferLog.AllFailed(_context.Logger, Origin.ToString(), (_schedule.NextCheck - now).TotalSeconds);
            }

            ExpireIfDue(now);
        }

        if (isConfirmed)
        {
            Confirmed?.Invoke(result.NewData is not null);
        }

        lock (_lock)
        {
            if (_state == ZoneState.Stopped || _hasNews)
            {
                return _state != ZoneState.Stopped;
            }

            _state = ZoneState.Waiting;
            Arm();
            return false;
        }
    }
}
