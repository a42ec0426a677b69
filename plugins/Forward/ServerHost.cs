using System.Net;
using Microsoft.Extensions.Logging;

namespace MiniDns.Plugins.Forward;

/// <summary>The addresses of an upstream that is named by its host name: looked up again when their TTL has passed. When nobody knows them
/// any more they stay as they are.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    private readonly ForwardTarget _target;
    private readonly Func<IReadOnlyList<IPEndPoint>> _resolvers;
    private readonly bool _mayAskSystem;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _onChange;
    private readonly CancellationTokenSource _stopping = new();
    private TimeSpan _pause = ShortestLife;
    private Task _running = Task.CompletedTask;

    /// <summary>Knows no address yet.</summary>
    /// <param name="target">The host.</param>
    /// <param name="resolvers">Whom to ask, in this order.</param>
    /// <param name="mayAskSystem">Whether to ask the system when they do not know.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told of failures and changes.</param>
    /// <param name="onChange">Called when the addresses are others.</param>
    public ServerHost(ForwardTarget target, Func<IReadOnlyList<IPEndPoint>> resolvers, bool mayAskSystem, TimeProvider time, ILogger logger, Action onChange)
    {
        _target = target;
        _resolvers = resolvers;
        _mayAskSystem = mayAskSystem;
        _time = time;
        _logger = logger;
        _onChange = onChange;
    }

    /// <summary>The addresses of now.</summary>
    public IReadOnlyList<ForwardTarget> Servers { get; private set; } = [];

    /// <summary>Why the last look failed; null when it did not.</summary>
    public string? Problem { get; private set; }

    /// <summary>Looks the host up.</summary>
    /// <returns>How long what was found holds, or how long to wait after a failure.</returns>
    public async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        HostAnswer answer = await HostLookup.FindAsync(_target.Host!, _resolvers(), _mayAskSystem, cancellationToken).ConfigureAwait(false);
        if (answer.Addresses.Count == 0)
        {
            if (Problem is null)
            {
                _logger.HostProblem(_target.Host!, answer.Problem);
            }

            Problem = answer.Problem;
            TimeSpan pause = _pause;
            _pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            return pause;
        }

        Problem = null;
        _pause = ShortestLife;
        ForwardTarget[] found = [.. answer.Addresses.Select(a => _target with { Address = a, Host = null })];
        if (!found.ToHashSet().SetEquals(Servers))
        {
            bool isFirst = Servers.Count == 0;
            Servers = found;
            if (!isFirst)
            {
                _logger.HostMoved(_target.Host!, string.Join(' ', answer.Addresses));
            }

            _onChange();
        }

        return answer.Life < ShortestLife ? ShortestLife : answer.Life > LongestLife ? LongestLife : answer.Life;
    }

    /// <summary>Looks again and again.</summary>
    /// <param name="wait">How long to wait first.</param>
    public void Run(TimeSpan wait) => _running = Task.Run(() => RunAsync(wait));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync(TimeSpan wait)
    {
        try
        {
            while (true)
            {
                await Task.Delay(wait, _time, _stopping.Token).ConfigureAwait(false);
                wait = await LookAsync(_stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}
