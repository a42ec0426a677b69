namespace MiniDns.Diagnostics;

/// <summary>A bounded stretch of text that some threads append lines to and one thread takes away.</summary>
/// <param name="capacity">The most octets that can wait.</param>
internal sealed class LineLane(int capacity)
{
    private const int SmallestBuffer = 4096;

    private readonly Lock _lock = new();
    private byte[] _filling = [];
    private byte[] _spare = [];
    private int _used;

    /// <summary>Appends a line and its end.</summary>
    /// <returns>False when there is no room.</returns>
    public bool TryAppend(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            int needed = _used + line.Length + 1;
            if (needed > _filling.Length && !TryGrow(needed))
            {
                return false;
            }

            line.CopyTo(_filling.AsSpan(_used));
            _filling[needed - 1] = (byte)'\n';
            _used = needed;
            return true;
        }
    }

    /// <summary>Takes everything appended so far; what it returns is good until the next call. For one thread only.</summary>
    public ReadOnlySpan<byte> Take()
    {
        lock (_lock)
        {
            int length = _used;
            (_filling, _spare) = (_spare, _filling);
            _used = 0;
            return _spare.AsSpan(0, length);
        }
    }

    private bool TryGrow(int needed)
    {
        if (needed > capacity)
        {
            return false;
        }

        int size = Math.Min(capacity, Math.Max(SmallestBuffer, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed)));
        Array.Resize(ref _filling, size);
        return true;
    }
}
