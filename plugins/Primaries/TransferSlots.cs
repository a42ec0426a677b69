using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;

namespace MiniDns.Plugins.Primaries;

/// <summary>Bounds how many primaries are talked to at a time, and remembers those that did not answer: zones with a primary that is gone must not hold up the others.</summary>
internal sealed class TransferSlots(int most)
{
    /// <summary>How many conversations a process has at a time.</summary>
    public const int Default = 16;

    /// <summary>Those of the process: every plugin's conversations count together.</summary>
    public static TransferSlots OfProcess { get; } = new(Default);

    private static readonly TimeSpan SilenceKept = TimeSpan.FromSeconds(30);

    // What is in the channel are the slots taken; who waits to write waits in line.
    private readonly Channel<bool> _taken = Channel.CreateBounded<bool>(most);
    private readonly ConcurrentDictionary<IPEndPoint, DateTimeOffset> _silent = new();       // one entry for each configured address at most

    /// <summary>Waits for a slot.</summary>
    public ValueTask EnterAsync(CancellationToken cancellationToken) => _taken.Writer.WriteAsync(true, cancellationToken);

    /// <summary>Gives a slot back.</summary>
    public void Leave() => _taken.Reader.TryRead(out _);

    /// <summary>Notes that a primary did not answer in time.</summary>
    public void MarkSilent(IPEndPoint primary, TimeProvider time) => _silent[primary] = time.GetUtcNow() + SilenceKept;

    /// <summary>Notes that a primary is there.</summary>
    public void MarkHeard(IPEndPoint primary) => _silent.TryRemove(primary, out _);

    /// <summary>True when a primary did not answer a short while ago.</summary>
    public bool IsSilent(IPEndPoint primary, TimeProvider time) => _silent.TryGetValue(primary, out DateTimeOffset until) && time.GetUtcNow() < until;
}
