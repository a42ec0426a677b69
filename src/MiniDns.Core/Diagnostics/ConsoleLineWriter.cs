using System.Text;

namespace MiniDns.Diagnostics;

/// <summary>Writes lines to a stream from a thread of its own, so that a slow terminal or pipe never holds up a query.</summary>
/// <remarks>
/// Threads append to one of several lanes and never wait for the stream. A lane holds at most <see cref="LaneCapacity"/> octets; lines that
/// do not fit are dropped and counted, and the output says how many. The lines of one thread keep their order. Everything
/// that goes to standard output has to go through <see cref="StandardOutput"/>, or lines get mixed up.
/// </remarks>
public sealed class ConsoleLineWriter : ILineWriter, IDisposable
{
    /// <summary>The most octets of lines that wait in one lane.</summary>
    public const int LaneCapacity = 256 * 1024;

    private const int LaneCount = 8;        // a power of two

    /// <summary>Lines that come this soon after others are written together with those after them.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    /// <summary>How long disposing waits for a stream that takes nothing.</summary>
    private static readonly TimeSpan FlushLimit = TimeSpan.FromSeconds(2);

    private static readonly Lazy<ConsoleLineWriter> Standard = new(() => new ConsoleLineWriter(Console.OpenStandardOutput));

    private readonly LineLane[] _lanes = new LineLane[LaneCount];
    private readonly Func<Stream> _open;
    private readonly object _gate = new();
    private Thread? _thread;
    private int _isWaiting;
    private long _dropped;
    private long _reported;
    private volatile bool _isClosing;

    /// <summary>Makes a writer; its thread starts with the first line.</summary>
    /// <param name="open">Opens the stream; called once, on the writer's thread.</param>
    public ConsoleLineWriter(Func<Stream> open)
    {
        _open = open;
        for (int i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new LineLane(LaneCapacity);
        }
    }

    /// <summary>The process's writer to standard output; dispose it last, to see the last lines.</summary>
    public static ConsoleLineWriter StandardOutput => Standard.Value;

    /// <summary>How many lines were dropped.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public bool TryWrite(ReadOnlySpan<byte> line)
    {
        if (_thread is null)
        {
            Start();
        }

        if (_isClosing || !_lanes[Environment.CurrentManagedThreadId & (LaneCount - 1)].TryAppend(line))
        {
            Interlocked.Increment(ref _dropped);
            return false;
        }

        // The line has to be in its lane before we look whether the writer waits, or neither would see the other.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _isWaiting) != 0 && Interlocked.Exchange(ref _isWaiting, 0) != 0)
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }

        return true;
    }

    /// <summary>Writes what waits and ends the thread. Lines that come later are dropped; a stream that takes nothing is given up after two seconds.</summary>
    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _isClosing = true;
            thread = _thread;
            Monitor.Pulse(_gate);
        }

        thread?.Join(FlushLimit);
    }

    private void Start()
    {
        lock (_gate)
        {
            if (_thread is null && !_isClosing)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "console" };
                _thread.UnsafeStart();
            }
        }
    }

    private void Run()
    {
        Stream stream = _open();
        while (true)
        {
            bool isLast = _isClosing;
            int most = Drain(ref stream);
            if (isLast)
            {
                return;
            }

            if (most > 0)
            {
                if (most < LaneCapacity / 8)
                {
                    Thread.Sleep(Gathering);
                }

                continue;
            }

            Interlocked.Exchange(ref _isWaiting, 1);
            if (_isClosing || Drain(ref stream) > 0)
            {
                Interlocked.Exchange(ref _isWaiting, 0);
                continue;
            }

            lock (_gate)
            {
                while (Volatile.Read(ref _isWaiting) != 0 && !_isClosing)
                {
                    Monitor.Wait(_gate);
                }
            }
        }
    }

    /// <summary>Writes what waits.</summary>
    /// <returns>How much the fullest lane held, in octets.</returns>
    private int Drain(ref Stream stream)
    {
        int most = 0;
        foreach (LineLane lane in _lanes)
        {
            ReadOnlySpan<byte> lines = lane.Take();
            if (!lines.IsEmpty)
            {
                most = Math.Max(most, lines.Length);
                Write(ref stream, lines);
            }
        }

        long dropped = Dropped;
        if (dropped > _reported)
        {
            Write(ref stream, Encoding.UTF8.GetBytes($"[WARNING] {dropped - _reported} lines of output were dropped: standard output is too slow\n"));
            _reported = dropped;
        }

        return most;
    }

    private static void Write(ref Stream stream, ReadOnlySpan<byte> lines)
    {
        try
        {
            stream.Write(lines);
            stream.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // Whoever read us is gone. The server goes on without output.
            stream = Stream.Null;
        }
    }
}
