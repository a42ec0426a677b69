namespace MiniDns.Cluster.Objects;

/// <summary>Short texts by index, in two arrays however many they are.</summary>
internal sealed class TextTable
{
    private readonly byte[] _octets;
    private readonly int[] _ends;

    internal TextTable(byte[] octets, int[] ends)
    {
        _octets = octets;
        _ends = ends;
    }

    internal ReadOnlySpan<byte> this[int index]
    {
        get
        {
            int start = index == 0 ? 0 : _ends[index - 1];
            return _octets.AsSpan(start, _ends[index] - start);
        }
    }

    internal static bool Same(TextTable? left, TextTable? right) => left is null || right is null
        ? ReferenceEquals(left, right)
        : left._octets.AsSpan().SequenceEqual(right._octets) && left._ends.AsSpan().SequenceEqual(right._ends);
}
