using System.Runtime.CompilerServices;

namespace MiniDns.Cluster.Store;

/// <summary>Finds objects by hash: many may share one, and the reader looks which of them it meant.</summary>
/// <remarks>
/// <para>Open addressing with linear probing in one array. One writer at a time; readers take no lock. A change writes one place, so a reader sees
/// it or does not. When the array grows, readers go on in the old one until their next look.</para>
/// <para>An object may be in the index several times (a slice under each of its addresses). Removing takes away one place on the hash's path:
/// which of several on the same path does not matter, for all are reached from where they are looked for.</para>
/// </remarks>
/// <typeparam name="T">The objects.</typeparam>
public sealed class HashIndex<T>
    where T : class
{
    private static readonly object Removed = new();

    private Table _table = new(16);
    private int _used;          // places that are not empty, removed ones included

    /// <summary>How many places hold an object.</summary>
    public int Count { get; private set; }

    /// <summary>Starts to look at the objects of a hash; others may be among them.</summary>
    public Probe Find(ulong hash) => new(Volatile.Read(ref _table), Shorten(hash));

    /// <summary>Starts to look at all objects, in no order; changes made meanwhile are seen or not.</summary>
    public Walk All() => new(Volatile.Read(ref _table));

    /// <summary>Adds an object under a hash. For the writer.</summary>
    internal void Add(ulong hash, T item)
    {
        if ((_used + 1) * 3 > _table.Items.Length * 2)
        {
            Rebuild();
        }

        uint shorter = Shorten(hash);
        Table table = _table;
        for (int at = (int)shorter & table.Mask; ; at = (at + 1) & table.Mask)
        {
            object? there = table.Items[at];
            if (there is null || ReferenceEquals(there, Removed))
            {
                _used += there is null ? 1 : 0;
                Count++;
                table.Hashes[at] = shorter;
                Volatile.Write(ref table.Items[at], item);
                return;
            }
        }
    }

    /// <summary>Removes an object from under a hash. For the writer.</summary>
    /// <returns>False when it is not there.</returns>
    internal bool Remove(ulong hash, T item)
    {
        uint shorter = Shorten(hash);
        Table table = _table;
        for (int at = (int)shorter & table.Mask; table.Items[at] is { } there; at = (at + 1) & table.Mask)
        {
            if (ReferenceEquals(there, item) && table.Hashes[at] == shorter)
            {
                Volatile.Write(ref table.Items[at], Removed);
                Count--;
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts an object in the place of another under the same hash: readers see one or the other, never neither. Adds it when the other
    /// is not there. For the writer.</summary>
    /// <remarks>To add one and then remove the other would not do: the new one may come to lie where a reader has already been, the old one where
    /// it has not.</remarks>
    internal void Put(ulong hash, T? old, T item)
    {
        uint shorter = Shorten(hash);
        Table table = _table;
        for (int at = (int)shorter & table.Mask; old is not null && table.Items[at] is { } there; at = (at + 1) & table.Mask)
        {
            if (ReferenceEquals(there, old) && table.Hashes[at] == shorter)
            {
                Volatile.Write(ref table.Items[at], item);
                return;
            }
        }

        Add(hash, item);
    }

    private static uint Shorten(ulong hash) => (uint)(hash ^ (hash >> 32));

    private void Rebuild()
    {
        int size = 16;
        while (Count * 2 >= size)
        {
            size *= 2;
        }

        Table old = _table;
        var table = new Table(size);
        for (int i = 0; i < old.Items.Length; i++)
        {
            if (old.Items[i] is { } item && !ReferenceEquals(item, Removed))
            {
                int at = (int)old.Hashes[i] & table.Mask;
                while (table.Items[at] is not null)
                {
                    at = (at + 1) & table.Mask;
                }

                table.Items[at] = item;
                table.Hashes[at] = old.Hashes[i];
            }
        }

        _used = Count;
        Volatile.Write(ref _table, table);
    }

    internal sealed class Table(int size)
    {
        internal readonly object?[] Items = new object?[size];
        internal readonly uint[] Hashes = new uint[size];

        internal int Mask => Items.Length - 1;
    }

    /// <summary>Looks at the objects that may have a hash.</summary>
    public ref struct Probe
    {
        private readonly Table _table;
        private readonly uint _hash;
        private int _at;

        internal Probe(Table table, uint hash)
        {
            _table = table;
            _hash = hash;
            _at = (int)hash & table.Mask;
            Current = null!;
        }

        /// <summary>The object.</summary>
        public T Current { get; private set; }

        /// <summary>Goes to the next object.</summary>
        public bool MoveNext()
        {
            // The array is never full, so that an empty place ends every path.
            while (Volatile.Read(ref _table.Items[_at]) is { } item)
            {
                bool isMeant = _table.Hashes[_at] == _hash && !ReferenceEquals(item, Removed);
                _at = (_at + 1) & _table.Mask;
                if (isMeant)
                {
                    Current = Unsafe.As<T>(item);
                    return true;
                }
            }

            return false;
        }

        /// <summary>For <c>foreach</c>.</summary>
        public readonly Probe GetEnumerator() => this;
    }

    /// <summary>Looks at all objects.</summary>
    public struct Walk
    {
        private readonly Table _table;
        private int _at;

        internal Walk(Table table)
        {
            _table = table;
            _at = 0;
            Current = null!;
        }

        /// <summary>The object.</summary>
        public T Current { get; private set; }

        /// <summary>Goes to the next object.</summary>
        public bool MoveNext()
        {
            while (_at < _table.Items.Length)
            {
                if (Volatile.Read(ref _table.Items[_at++]) is { } item && !ReferenceEquals(item, Removed))
                {
                    Current = Unsafe.As<T>(item);
                    return true;
                }
            }

            return false;
        }

        /// <summary>For <c>foreach</c>.</summary>
        public readonly Walk GetEnumerator() => this;
    }
}
