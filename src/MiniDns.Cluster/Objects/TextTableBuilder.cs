namespace MiniDns.Cluster.Objects;

/// <summary>Collects the texts of a <see cref="TextTable"/>; used again and again.</summary>
internal sealed class TextTableBuilder
{
    private byte[] _octets = new byte[256];
    private int[] _ends = new int[16];
    private int _used;
    private bool _hasText;

    internal int Count { get; private set; }

    internal void Clear()
    {
        _used = 0;
        Count = 0;
        _hasText = false;
    }

    internal void Add(ReadOnlySpan<byte> text)
    {
        if (Count == _ends.Length)
        {
            Array.Resize(ref _ends, Count * 2);
        }

        if (_used + text.Length > _octets.Length)
        {
            Array.Resize(ref _octets, Math.Max(_octets.Length * 2, _used + text.Length));
        }

        text.CopyTo(_octets.AsSpan(_used));
        _used += text.Length;
        _ends[Count++] = _used;
        _hasText |= text.Length > 0;
    }

    /// <summary>The table; null when every text is empty.</summary>
    internal TextTable? Build() => _hasText ? new TextTable(_octets.AsSpan(0, _used).ToArray(), _ends.AsSpan(0, Count).ToArray()) : null;
}
