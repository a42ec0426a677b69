namespace MiniDns.Protocol.Records;

/// <summary>An order in which the records of an RRset are written; by default that in which they are kept.</summary>
/// <remarks>The records have no order of their own (RFC 2181 §5), so a shared RRset is never changed to put another one first.</remarks>
public readonly struct RRsetOrder : IEquatable<RRsetOrder>
{
    /// <summary>The most records that an order can be given for.</summary>
    public const int MaxCount = 16;

    private readonly ulong _indices;    // four bits a record; zero is no permutation of two or more, so it means "as kept"

    private RRsetOrder(ulong indices) => _indices = indices;

    /// <summary>True for the order in which the records are kept.</summary>
    public bool IsAsKept => _indices == 0;

    /// <summary>Which record stands at a place; not for <see cref="IsAsKept"/>.</summary>
    /// <param name="place">The place, from 0.</param>
    public int this[int place] => (int)(_indices >> (4 * place)) & 0xF;

    /// <summary>Makes an order.</summary>
    /// <param name="indices">A permutation of the numbers from 0, one for each record, at most <see cref="MaxCount"/> of them.</param>
    public static RRsetOrder Of(ReadOnlySpan<ushort> indices)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(indices.Length, MaxCount, nameof(indices));
        ulong packed = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            packed |= (ulong)indices[i] << (4 * i);
        }

        return new RRsetOrder(packed);
    }

    /// <inheritdoc/>
    public bool Equals(RRsetOrder other) => _indices == other._indices;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RRsetOrder other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _indices.GetHashCode();

    /// <summary>The same order.</summary>
    public static bool operator ==(RRsetOrder left, RRsetOrder right) => left.Equals(right);

    /// <summary>Another order.</summary>
    public static bool operator !=(RRsetOrder left, RRsetOrder right) => !left.Equals(right);
}
