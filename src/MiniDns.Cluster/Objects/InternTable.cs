namespace MiniDns.Cluster.Objects;

/// <summary>Gives out one array for equal contents seen lately, so that the objects of a list share their port lists and names.</summary>
/// <typeparam name="T">What the arrays hold.</typeparam>
internal sealed class InternTable<T>
    where T : IEquatable<T>
{
    private const int Size = 256;

    private readonly T[]?[] _recent = new T[Size][];

    internal T[] Get(ReadOnlySpan<T> content)
    {
        if (content.IsEmpty)
        {
            return [];
        }

        var hash = default(HashCode);
        foreach (T item in content)
        {
            hash.Add(item);
        }

        ref T[]? slot = ref _recent[hash.ToHashCode() & (Size - 1)];
        if (slot is null || !content.SequenceEqual(slot))
        {
            slot = content.ToArray();
        }

        return slot;
    }
}
