using System.Threading.Tasks.Sources;
using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>A handler that does something before and after the rest of the chain.</summary>
/// <remarks>The split between the synchronous and the asynchronous way is written here once, and neither allocates: a query
/// that has to wait holds a pooled frame for each such handler. (The pooling builder for async methods was measured and
/// saves nothing: it keeps one box a thread, and many queries are in flight at once.)</remarks>
public abstract class WrappingHandler(IDnsHandler next) : IDnsHandler
{
    private const int MaxIdleFrames = 4096;

    private readonly IdlePool<Frame> _idle = new(MaxIdleFrames);

    /// <summary>The rest of the chain.</summary>
    protected IDnsHandler Next { get; } = next;

    /// <inheritdoc/>
    public ValueTask<DnsOutcome> HandleAsync(DnsQuery query)
    {
        if (Before(query) is { } early)
        {
            return new ValueTask<DnsOutcome>(early);
        }

        ValueTask<DnsOutcome> rest = Next.HandleAsync(query);
        return rest.IsCompletedSuccessfully ? new ValueTask<DnsOutcome>(After(query, rest.Result)) : FinishAsync(query, rest);
    }

    /// <summary>Runs before the rest of the chain.</summary>
    /// <returns>An outcome to end with at once, or null to go on.</returns>
    protected virtual DnsOutcome? Before(DnsQuery query) => null;

    /// <summary>Runs after the rest of the chain, unless it threw.</summary>
    /// <returns>The outcome to go back with.</returns>
    protected abstract DnsOutcome After(DnsQuery query, DnsOutcome outcome);

    private ValueTask<DnsOutcome> FinishAsync(DnsQuery query, ValueTask<DnsOutcome> rest)
    {
        Frame frame = _idle.TryTake(out Frame? idle) ? idle : new Frame(this);
        return frame.WaitAsync(query, rest);
    }

    /// <summary>One query that waits for the rest of the chain: an async method's state, written out so that it can be pooled.</summary>
    private sealed class Frame : IValueTaskSource<DnsOutcome>
    {
        private readonly WrappingHandler _handler;
        private readonly Action _continue;
        private ManualResetValueTaskSourceCore<DnsOutcome> _core;
        private System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable<DnsOutcome>.ConfiguredValueTaskAwaiter _rest;
        private DnsQuery? _query;

        public Frame(WrappingHandler handler)
        {
            _handler = handler;
            _continue = Continue;
        }

        public ValueTask<DnsOutcome> WaitAsync(DnsQuery query, ValueTask<DnsOutcome> rest)
        {
            // Read first: the rest may end on another thread before this method does.
            short version = _core.Version;
            _query = query;
            _rest = rest.ConfigureAwait(false).GetAwaiter();
            _rest.UnsafeOnCompleted(_continue);
            return new ValueTask<DnsOutcome>(this, version);
        }

        public DnsOutcome GetResult(short token)
        {
            try
            {
                return _core.GetResult(token);
            }
            finally
            {
                _core.Reset();
                _handler._idle.Return(this);
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);

        private void Continue()
        {
            DnsQuery query = _query!;
            _query = null;
            DnsOutcome outcome;
            try
            {
                outcome = _rest.GetResult();
                _rest = default;
                outcome = _handler.After(query, outcome);
            }
            catch (Exception e)
            {
                _rest = default;
                _core.SetException(e);
                return;
            }

            // The last access: whoever waits reads the outcome inside, which returns this frame to the pool.
            _core.SetResult(outcome);
        }
    }
}
