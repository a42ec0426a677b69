using System.Buffers;

namespace MiniDns.Cluster.Api;

/// <summary>Cuts a stream of JSON into values, each whole and in one piece; between them only punctuation is looked at.</summary>
/// <remarks>
/// Memory is one buffer: small while little comes, larger while much does, as long as the longest value, and small again.
/// What is between the quotes and brackets is not checked here but by whoever reads the value.
/// </remarks>
internal sealed class JsonFrames : IDisposable
{
    private const int Smallest = 4 * 1024;
    private const int Usual = 64 * 1024;
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> StringEnd = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> ScalarEnd = SearchValues.Create(",]}: \t\r\n"u8);

    private readonly Stream _stream;
    private readonly int _longest;
    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _stop;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Smallest);
    private int _start;
    private int _end;
    private int _lastRead;
    private bool _ended;
    private bool _hasTurn;

    /// <param name="stream">The stream; not disposed with this.</param>
    /// <param name="longest">Octets of the longest value taken.</param>
    /// <param name="patience">How long the stream may be silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends waiting.</param>
    public JsonFrames(Stream stream, int longest, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        _stream = stream;
        _longest = longest;
        Patience = patience;
        _silence = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(_silence.Token, cancellationToken);
    }

    /// <summary>Held while what came is worked on, given up while waiting for more: several streams that bring much at the same time
    /// take turns, and leave processors to those who answer queries. Null for a stream that waits for nobody.</summary>
    public SemaphoreSlim? Turns { get; init; }

    /// <summary>When the stream is silent for this long, reading throws <see cref="TimeoutException"/>.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>The next octet that is not white space, which stays where it is; -1 at the end.</summary>
    public async ValueTask<int> PeekAsync()
    {
        while (true)
        {
            for (; _start < _end; _start++)
            {
                if (_buffer[_start] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                {
                    return _buffer[_start];
                }
            }

            if (!await FillAsync().ConfigureAwait(false))
            {
                return -1;
            }
        }
    }

    /// <summary>Takes one octet of punctuation.</summary>
    public async ValueTask TakeAsync(byte expected)
    {
        int next = await PeekAsync().ConfigureAwait(false);
        if (next != expected)
        {
            throw Unexpected(next, $"'{(char)expected}'");
        }

        _start++;
    }

    /// <summary>The next value in one piece; it holds until the next call.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ValueAsync()
    {
        int first = await PeekAsync().ConfigureAwait(false);
        if (first < 0)
        {
            throw Unexpected(first, "a value");
        }

        var scan = new Scan();
        while (!scan.Continue(_buffer.AsSpan(_start, _end - _start)))
        {
            if (!await FillAsync().ConfigureAwait(false))
            {
                throw Unexpected(-1, "the end of a value");
            }
        }

        if (scan.Position == 0)
        {
            throw Unexpected(first, "a value");
        }

        var value = new ReadOnlyMemory<byte>(_buffer, _start, scan.Position);
        _start += scan.Position;
        return value;
    }

    /// <summary>An error about what came instead of what should have.</summary>
    public static ApiFailure Unexpected(int octet, string expected) =>
        new(octet < 0 ? $"the answer breaks off where {expected} should be" : $"the answer has '{(char)octet}' where {expected} should be");

    public void Dispose()
    {
        GiveUpTurn();
        _silence.Dispose();
        _stop.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _end = 0;
        _start = 0;
        _ended = true;
    }

    private async ValueTask<bool> FillAsync()
    {
        if (_ended)
        {
            return false;
        }

        MakeRoom();
        GiveUpTurn();
        _silence.CancelAfter(Patience);
        int read;
        try
        {
            read = await _stream.ReadAsync(_buffer.AsMemory(_end), _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (_silence.IsCancellationRequested)
        {
            throw new TimeoutException($"the API server was silent for {Patience.TotalSeconds:0} s", e);
        }

        _silence.CancelAfter(Timeout.InfiniteTimeSpan);
        _end += read;
        _lastRead = read;
        _ended = read == 0;
        if (!_ended && Turns is not null)
        {
            await Turns.WaitAsync(_stop.Token).ConfigureAwait(false);
            _hasTurn = true;
        }

        return !_ended;
    }

    private void GiveUpTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            Turns!.Release();
        }
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        if (held == 0)
        {
            _start = 0;
            _end = 0;
            if (_buffer.Length > Smallest && (_lastRead < Smallest / 2 || _buffer.Length > Usual))
            {
                Replace(Smallest, 0);
            }
            else if (_lastRead >= _buffer.Length / 2 && _buffer.Length < Usual)
            {
                Replace(_buffer.Length * 2, 0);
            }
        }
        else if (_end == _buffer.Length)
        {
            if (held >= _longest)
            {
                throw new ApiFailure($"the answer holds an object of more than {_longest} octets");
            }

            if (held <= _buffer.Length / 2)
            {
                _buffer.AsSpan(_start, held).CopyTo(_buffer);
                _start = 0;
                _end = held;
            }
            else
            {
                Replace(_buffer.Length * 2, held);
            }
        }
    }

    private void Replace(int size, int held)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(size);
        _buffer.AsSpan(_start, held).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
        _start = 0;
        _end = held;
    }

    /// <summary>Finds the end of a value that comes piece by piece, looking at each octet once.</summary>
    private struct Scan
    {
        private int _depth;
        private bool _inString;

        /// <summary>How far it has looked; once done, the value's length.</summary>
        public int Position { get; private set; }

        /// <summary>Goes on where it stopped.</summary>
        /// <param name="value">The value from its first octet, as far as it is there.</param>
        /// <returns>Whether the end is found.</returns>
        public bool Continue(ReadOnlySpan<byte> value)
        {
            while (Position < value.Length)
            {
                ReadOnlySpan<byte> rest = value[Position..];
                if (_inString)
                {
                    int at = rest.IndexOfAny(StringEnd);
                    if (at < 0)
                    {
                        Position = value.Length;
                        return false;
                    }

                    if (rest[at] == (byte)'\\')
                    {
                        if (at + 1 >= rest.Length)
                        {
                            Position += at;     // the escape is looked at again when its second half is here
                            return false;
                        }

                        Position += at + 2;
                        continue;
                    }

                    Position += at + 1;
                    _inString = false;
                    if (_depth == 0)
                    {
                        return true;
                    }

                    continue;
                }

                if (_depth == 0 && rest[0] is not ((byte)'"' or (byte)'{' or (byte)'['))
                {
                    int end = rest.IndexOfAny(ScalarEnd);
                    if (end < 0)
                    {
                        return false;           // numbers are short: looking again costs nothing
                    }

                    Position += end;
                    return true;
                }

                int next = rest.IndexOfAny(Structure);
                if (next < 0)
                {
                    Position = value.Length;
                    return false;
                }

                Position += next + 1;
                switch (rest[next])
                {
                    case (byte)'"':
                        _inString = true;
                        break;
                    case (byte)'{' or (byte)'[':
                        _depth++;
                        break;
                    default:
                        if (--_depth <= 0)
                        {
                            return true;
                        }

                        break;
                }
            }

            return false;
        }
    }
}
