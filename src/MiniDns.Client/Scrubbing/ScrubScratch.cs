using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Client.Scrubbing;

/// <summary>The names that an answer is about, while it is gone through. One for each thread; bounded whatever an answer holds.</summary>
internal sealed class ScrubScratch
{
    /// <summary>The most names of a chain; what comes behind them does not belong.</summary>
    private const int MaxChain = 24;

    /// <summary>The most names that records refer to; further ones are not remembered.</summary>
    private const int MaxReferences = 256;

    private readonly byte[] _names = new byte[MaxChain * 256];
    private readonly int[] _lengths = new int[MaxChain];
    private readonly int[] _offsets = new int[MaxChain];
    private readonly ulong[] _references = new ulong[MaxReferences];
    private readonly byte[] _name = new byte[DnsNameView.MaxLength];
    private int _referenceCount;

    /// <summary>How many names the chain has.</summary>
    public int ChainLength { get; private set; }

    /// <summary>Starts with the question's name.</summary>
    public void Begin(ReadOnlySpan<byte> message, int nameLength)
    {
        message.Slice(DnsHeader.Size, nameLength).CopyTo(_names);
        _lengths[0] = nameLength;
        _offsets[0] = DnsHeader.Size;
        ChainLength = 1;
        _referenceCount = -1;
    }

    /// <summary>True when the name at an offset is one of the chain.</summary>
    public bool IsInChain(ReadOnlySpan<byte> message, int offset)
    {
        int place = PlaceOf(message, offset);
        for (int i = 0; i < ChainLength; i++)
        {
            if (_offsets[i] == place)
            {
                return true;
            }
        }

        return TryRead(message, offset, out DnsNameView name) && IsInChain(name);
    }

    /// <summary>True when the name at an offset is one of the chain or lies above one.</summary>
    public bool IsAboveChain(ReadOnlySpan<byte> message, int offset)
    {
        if (!TryRead(message, offset, out DnsNameView name))
        {
            return false;
        }

        for (int i = 0; i < ChainLength; i++)
        {
            if (Chained(i).IsSubdomainOf(name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the name at an offset to the chain.</summary>
    public void Extend(ReadOnlySpan<byte> message, int offset)
    {
        if (ChainLength < MaxChain && TryRead(message, offset, out DnsNameView name) && !IsInChain(name))
        {
            name.Wire.CopyTo(_names.AsSpan(ChainLength * 256));
            _lengths[ChainLength] = name.Length;
            _offsets[ChainLength] = PlaceOf(message, offset);
            ChainLength++;
        }
    }

    /// <summary>Notes that a record refers to the name at an offset.</summary>
    public void Refer(ReadOnlySpan<byte> message, int offset)
    {
        NoteChain();
        if (_referenceCount < MaxReferences && TryRead(message, offset, out DnsNameView name))
        {
            _references[_referenceCount++] = name.Hash;
        }
    }

    /// <summary>True when a record refers to the name at an offset, or it is one of the chain, and it lies in a zone.</summary>
    public bool IsReferredTo(ReadOnlySpan<byte> message, int offset, DnsNameView zone)
    {
        NoteChain();
        return TryRead(message, offset, out DnsNameView name) && name.IsSubdomainOf(zone) && _references.AsSpan(0, _referenceCount).Contains(name.Hash);
    }

    /// <summary>True when the name at an offset lies in a zone and beside or below the question's name. What is beside a name of two
    /// labels or fewer may be anybody's.</summary>
    public bool IsNeighbour(ReadOnlySpan<byte> message, int offset, DnsNameView zone)
    {
        DnsNameView asked = Chained(0);
        DnsNameView around = asked.LabelCount > 2 ? asked.Parent : asked;
        return TryRead(message, offset, out DnsNameView name) && name.IsSubdomainOf(zone) && name.IsSubdomainOf(around);
    }

    /// <summary>Where a name really stands: the place that its first pointer points to.</summary>
    private static int PlaceOf(ReadOnlySpan<byte> message, int offset) =>
        message[offset] >= 0xC0 ? (message[offset] & 0x3F) << 8 | message[offset + 1] : offset;

    private DnsNameView Chained(int index) => new(_names.AsSpan(index * 256, _lengths[index]));

    private bool IsInChain(DnsNameView name)
    {
        for (int i = 0; i < ChainLength; i++)
        {
            if (Chained(i).Equals(name))
            {
                return true;
            }
        }

        return false;
    }

    private void NoteChain()
    {
        if (_referenceCount < 0)
        {
            for (_referenceCount = 0; _referenceCount < ChainLength; _referenceCount++)
            {
                _references[_referenceCount] = Chained(_referenceCount).Hash;
            }
        }
    }

    private bool TryRead(ReadOnlySpan<byte> message, int offset, out DnsNameView name)
    {
        var reader = new DnsReader(message, offset);
        if (!reader.TryReadName(_name, out int length))
        {
            name = default;
            return false;
        }

        name = new DnsNameView(_name.AsSpan(0, length));
        return true;
    }
}
