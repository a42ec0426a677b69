namespace MiniDns.Zones;

/// <summary>Nodes sorted by a key of 64 bits and, where that is the same, by what the key stands for. Immutable; versions share pages.</summary>
internal sealed class SortedNodes
{
    private const int PageSize = 512;

    private readonly ulong[] _firsts;        // the first key of each page
    private readonly Page[] _pages;

    private SortedNodes(List<Page> pages)
    {
        _pages = [.. pages];
        _firsts = [.. pages.Select(p => p.Keys[0])];
    }

    /// <summary>The last node; there is at least one.</summary>
    public int Last => _pages[^1].Ids[^1];

    /// <summary>Takes nodes that are sorted.</summary>
    public static SortedNodes Of(ReadOnlySpan<ulong> keys, ReadOnlySpan<int> ids)
    {
        List<Page> pages = [];
        for (int start = 0; start < ids.Length; start += PageSize)
        {
            int size = Math.Min(PageSize, ids.Length - start);
            pages.Add(new Page(keys.Slice(start, size).ToArray(), ids.Slice(start, size).ToArray()));
        }

        return new SortedNodes(pages);
    }

    /// <summary>The last node that is not behind what is sought.</summary>
    /// <param name="key">The key sought.</param>
    /// <param name="sought">Tells whether a node with that key is behind.</param>
    /// <returns>The node's id, or -1 when all are behind.</returns>
    public int LastNotBehind<TSought>(ulong key, TSought sought)
        where TSought : ISoughtNode, allows ref struct
    {
        int low = -1;
        int high = _firsts.Length;
        while (high - low > 1)
        {
            int middle = (low + high) >>> 1;
            ulong first = _firsts[middle];
            if (first == key ? sought.IsBefore(_pages[middle].Ids[0]) : first > key)
            {
                high = middle;
            }
            else
            {
                low = middle;
            }
        }

        return low < 0 ? -1 : _pages[low].Ids[_pages[low].LastNotBehind(key, sought)];
    }

    /// <summary>Begins another version.</summary>
    public Editor Edit() => new([.. _pages]);

    /// <summary>Some nodes, at least one.</summary>
    internal readonly record struct Page(ulong[] Keys, int[] Ids)
    {
        /// <summary>The index of the last node that is not behind; -1 when all are.</summary>
        public int LastNotBehind<TSought>(ulong key, TSought sought)
            where TSought : ISoughtNode, allows ref struct
        {
            int low = -1;
            int high = Keys.Length;
            while (high - low > 1)
            {
                int middle = (low + high) >>> 1;
                if (Keys[middle] == key ? sought.IsBefore(Ids[middle]) : Keys[middle] > key)
                {
                    high = middle;
                }
                else
                {
                    low = middle;
                }
            }

            return low;
        }
    }

    /// <summary>Makes another version by taking nodes away and putting nodes in.</summary>
    internal sealed class Editor
    {
        private readonly List<Page> _pages;

        internal Editor(List<Page> pages) => _pages = pages;

        /// <summary>Takes a node away that is there.</summary>
        public void Remove<TSought>(ulong key, TSought sought)
            where TSought : ISoughtNode, allows ref struct
        {
            int page = PageOf(key, sought);
            (ulong[] keys, int[] ids) = _pages[page];
            int at = _pages[page].LastNotBehind(key, sought);
            if (ids.Length == 1)
            {
                _pages.RemoveAt(page);
                return;
            }

            _pages[page] = new Page([.. keys.AsSpan(0, at), .. keys.AsSpan(at + 1)], [.. ids.AsSpan(0, at), .. ids.AsSpan(at + 1)]);
        }

        /// <summary>Puts a node in that is not there.</summary>
        public void Add<TSought>(ulong key, TSought sought, int id)
            where TSought : ISoughtNode, allows ref struct
        {
            if (_pages.Count == 0)
            {
                _pages.Add(new Page([key], [id]));
                return;
            }

            int page = Math.Max(0, PageOf(key, sought));
            int at = _pages[page].LastNotBehind(key, sought) + 1;
            (ulong[] keys, int[] ids) = _pages[page];
            keys = [.. keys.AsSpan(0, at), key, .. keys.AsSpan(at)];
            ids = [.. ids.AsSpan(0, at), id, .. ids.AsSpan(at)];
            if (ids.Length <= PageSize)
            {
                _pages[page] = new Page(keys, ids);
                return;
            }

            _pages[page] = new Page(keys[..(PageSize / 2)], ids[..(PageSize / 2)]);
            _pages.Insert(page + 1, new Page(keys[(PageSize / 2)..], ids[(PageSize / 2)..]));
        }

        /// <summary>The version; null when no node is left.</summary>
        public SortedNodes? ToNodes() => _pages.Count == 0 ? null : new SortedNodes(_pages);

        private int PageOf<TSought>(ulong key, TSought sought)
            where TSought : ISoughtNode, allows ref struct
        {
            int low = -1;
            int high = _pages.Count;
            while (high - low > 1)
            {
                int middle = (low + high) >>> 1;
                (ulong[] keys, int[] ids) = _pages[middle];
                if (keys[0] == key ? sought.IsBefore(ids[0]) : keys[0] > key)
                {
                    high = middle;
                }
                else
                {
                    low = middle;
                }
            }

            return low;
        }
    }
}
