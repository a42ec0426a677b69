using System.Buffers.Text;
using System.Text;

namespace MiniDns.Protocol.Presentation;

/// <summary>A fixed set of mnemonics and their 16-bit values, looked up both ways without allocating; case does not matter.</summary>
/// <remarks>A value without a mnemonic is written as a prefix and its number (<c>TYPE65280</c>, RFC 3597 §5).</remarks>
internal sealed class MnemonicTable
{
    private const int MaxLength = 24;
    private readonly string _prefix;
    private readonly byte[] _prefixOctets;
    private readonly Entry[] _entries;
    private readonly byte[] _dense;      // value → index + 1, for small values
    private readonly byte[] _slots;      // hash → index + 1
    private readonly int _mask;

    /// <summary>Makes a table.</summary>
    /// <param name="prefix">Written before the number of a value without mnemonic; may be empty.</param>
    /// <param name="entries">Values and mnemonics; of several mnemonics of a value the first is written, all are read.</param>
    public MnemonicTable(string prefix, params ReadOnlySpan<(int Value, string Mnemonic)> entries)
    {
        _prefix = prefix;
        _prefixOctets = Encoding.ASCII.GetBytes(prefix);
        _entries = new Entry[entries.Length];
        int largestDense = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            _entries[i] = new Entry((ushort)entries[i].Value, entries[i].Mnemonic, Encoding.ASCII.GetBytes(entries[i].Mnemonic));
            largestDense = entries[i].Value < 1024 ? Math.Max(largestDense, entries[i].Value) : largestDense;
        }

        int capacity = 16;
        while (capacity < entries.Length * 4)
        {
            capacity *= 2;
        }

        _mask = capacity - 1;
        _slots = new byte[capacity];
        _dense = new byte[largestDense + 1];
        for (int i = 0; i < _entries.Length; i++)
        {
            Entry entry = _entries[i];
            if (entry.Value < _dense.Length && _dense[entry.Value] == 0)
            {
                _dense[entry.Value] = (byte)(i + 1);
            }

            int slot = (int)Hash(entry.Octets) & _mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & _mask;
            }

            _slots[slot] = (byte)(i + 1);
        }
    }

    /// <summary>The longest text <see cref="TryFormat"/> writes, in octets.</summary>
    public static int MaxTextLength => MaxLength;

    /// <summary>The mnemonic of a value, or null.</summary>
    public string? Find(ushort value) => IndexOf(value) is int index and >= 0 ? _entries[index].Text : null;

    /// <summary>The mnemonic of a value, or its number after the prefix; only the latter allocates.</summary>
    public string Format(ushort value) =>
        Find(value) ?? string.Concat(_prefix, value.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Writes the mnemonic of a value, or its number after the prefix.</summary>
    public bool TryFormat(ushort value, Span<byte> destination, out int written)
    {
        int index = IndexOf(value);
        if (index >= 0)
        {
            written = _entries[index].Octets.Length;
            return _entries[index].Octets.AsSpan().TryCopyTo(destination);
        }

        written = 0;
        if (!_prefixOctets.AsSpan().TryCopyTo(destination) || !Utf8Formatter.TryFormat(value, destination[_prefixOctets.Length..], out int digits))
        {
            return false;
        }

        written = _prefixOctets.Length + digits;
        return true;
    }

    /// <summary>Reads a mnemonic, or a number after the prefix.</summary>
    public bool TryParse(ReadOnlySpan<byte> text, out ushort value)
    {
        for (int slot = (int)Hash(text) & _mask; _slots[slot] != 0; slot = (slot + 1) & _mask)
        {
            ref readonly Entry entry = ref _entries[_slots[slot] - 1];
            if (Names.DnsNameView.EqualsIgnoringCase(entry.Octets, text))
            {
                value = entry.Value;
                return true;
            }
        }

        value = 0;
        int prefix = _prefixOctets.Length;
        return text.Length > prefix
            && text.Length <= prefix + 5
            && Names.DnsNameView.EqualsIgnoringCase(text[..prefix], _prefixOctets)
            && TryParseNumber(text[prefix..], out value);
    }

    /// <summary>Reads a mnemonic, or a number after the prefix.</summary>
    public bool TryParse(ReadOnlySpan<char> text, out ushort value)
    {
        Span<byte> octets = stackalloc byte[MaxLength];
        value = 0;
        return text.Length <= MaxLength
            && Encoding.UTF8.TryGetBytes(text, octets, out int length)
            && TryParse(octets[..length], out value);
    }

    private static bool TryParseNumber(ReadOnlySpan<byte> digits, out ushort value)
    {
        int number = 0;
        value = 0;
        foreach (byte digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        value = (ushort)number;
        return number <= ushort.MaxValue;
    }

    private static uint Hash(ReadOnlySpan<byte> text)
    {
        uint hash = (uint)text.Length;
        foreach (byte octet in text)
        {
            hash = (hash * 31) + (octet & 0xDFu);
        }

        return hash ^ (hash >> 8);
    }

    private int IndexOf(ushort value)
    {
        if (value < _dense.Length)
        {
            return _dense[value] - 1;
        }

        for (int i = _entries.Length - 1; i >= 0 && _entries[i].Value >= _dense.Length; i--)
        {
            if (_entries[i].Value == value)
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Entry(ushort Value, string Text, byte[] Octets);
}
