using System.Runtime.CompilerServices;

namespace MiniDns.Zones;

/// <summary>A few node ids, without an object.</summary>
internal struct NodeSet
{
    private Ids _ids;
    private int _count;

    /// <summary>Adds an id.</summary>
    /// <returns>False when it is in the set already. A full set forgets the ids that come later.</returns>
    public bool TryAdd(int id)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_ids[i] == id)
            {
                return false;
            }
        }

        if (_count < ZoneLookup.MaxAliases)
        {
            _ids[_count++] = id;
        }

        return true;
    }

    [InlineArray(ZoneLookup.MaxAliases)]
    private struct Ids
    {
        private int _first;
    }
}
