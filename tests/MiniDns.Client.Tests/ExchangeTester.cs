using System.Collections.Concurrent;
using System.Net;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Client.Tests;

/// <summary>An upstream client of a test's own, with its threads and counts.</summary>
internal sealed class ExchangeTester : IUpstreamMeter, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<Exception> _faults = new();
    private int _opened;
    private int _reused;
    private int _ignored;
    private int _full;

    public ExchangeTester(UpstreamOptions options, TimeProvider? time = null, bool portable = false, UpstreamRandom? random = null)
    {
        Loops = UpstreamLoops.Start(2, time ?? TimeProvider.System, _faults.Enqueue, portable);
        Upstream = new Upstream(options, Loops, this, random ?? UpstreamRandom.Secure);
    }

    public ExchangeTester(IPEndPoint address, bool portable = false)
        : this(new UpstreamOptions { Address = address }, portable: portable)
    {
    }

    public UpstreamLoops Loops { get; }

    public Upstream Upstream { get; }

    /// <summary>Why connections could not be made in secret.</summary>
    public ConcurrentQueue<string> Reasons { get; } = new();

    /// <summary>Why answers were not believed.</summary>
    public ConcurrentQueue<AnswerDoubt> Doubts { get; } = new();

    /// <summary>What is done without.</summary>
    public ConcurrentQueue<AnswerDoubt> GivenUp { get; } = new();

    public int Opened => Volatile.Read(ref _opened);

    public int Reused => Volatile.Read(ref _reused);

    public int Ignored => Volatile.Read(ref _ignored);

    public int Full => Volatile.Read(ref _full);

    public static async Task UntilAsync(Func<bool> condition)
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "the condition did not come true in time");
            await Task.Delay(5);
        }
    }

    public Task<ExchangeResult> AskAsync(string name, UpstreamProtocol protocol = UpstreamProtocol.Udp, DnsRecordType type = DnsRecordType.A, bool withOpt = false, bool offersFewCookies = false)
    {
        var waiter = new Waiter();
        var exchange = new UpstreamExchange(waiter);
        Span<byte> request = exchange.BeginRequest(512);
        int length = PlainExchange.WriteQuery(request, DnsName.Parse(name).View, type, recursionDesired: true);
        if (withOpt)
        {
            ReadOnlySpan<byte> opt = [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0];
            opt.CopyTo(request[length..]);
            request[11] = 1;
            length += opt.Length;
        }

        exchange.SetRequest(length);
        exchange.OffersFewCookies = offersFewCookies;
        if (!Upstream.TryStart(exchange, protocol))
        {
            return Task.FromResult(new ExchangeResult(exchange.Status, []));
        }

        return waiter.Done.Task.WaitAsync(Patience);
    }

    public void Dispose()
    {
        Upstream.Dispose();
        Loops.Dispose();
        Assert.Empty(_faults);
    }

    public void SocketReused(UpstreamProtocol protocol) => Interlocked.Increment(ref _reused);

    public void SocketOpened(UpstreamProtocol protocol) => Interlocked.Increment(ref _opened);

    public void AnswerIgnored(UpstreamProtocol protocol) => Interlocked.Increment(ref _ignored);

    public void AnswerDoubted(AnswerDoubt doubt) => Doubts.Enqueue(doubt);

    public void ProtectionGivenUp(AnswerDoubt protection) => GivenUp.Enqueue(protection);

    public void HandshakeFailed(UpstreamProtocol protocol, string reason) => Reasons.Enqueue(reason);

    public void TableFull(UpstreamProtocol protocol) => Interlocked.Increment(ref _full);

    private sealed class Waiter : IExchangeObserver
    {
        public TaskCompletionSource<ExchangeResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Finished(UpstreamExchange exchange) =>
            Done.SetResult(new ExchangeResult(exchange.Status, exchange.Status == ExchangeStatus.Answered ? exchange.Response.ToArray() : []));
    }
}

internal sealed record ExchangeResult(ExchangeStatus Status, byte[] Message)
{
    /// <summary>The last four octets: the address of the last A record of our fake answers.</summary>
    public string Address => new IPAddress(Message.AsSpan(Message.Length - 4)).ToString();
}
