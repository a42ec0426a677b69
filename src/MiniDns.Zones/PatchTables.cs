namespace MiniDns.Zones;

/// <summary>Changes the tables that lead to blocks.</summary>
internal static class PatchTables
{
    /// <summary>Makes the tables of a version.</summary>
    /// <param name="before">The version that it is made of.</param>
    /// <param name="chunks">The chunks that are new.</param>
    /// <param name="written">The nodes that have a new block, and where it is.</param>
    /// <param name="idCount">How many ids there are now.</param>
    public static ZoneParts Change(ZoneParts before, byte[][] chunks, List<(int Id, uint Reference)> written, int idCount)
    {
        PageEditor<uint> references = before.References.Edit();
        references.Grow(idCount);
        foreach ((int id, uint reference) in written)
        {
            references[id] = reference;
        }

        ZoneParts parts = before with
        {
            Chunks = [.. before.Chunks, .. chunks],
            References = references.ToPages(),
            PatchOctets = before.PatchOctets + chunks.Sum(c => (long)c.Length),
            PatchChunks = before.PatchChunks + chunks.Length,
        };
        return parts with { Slots = idCount > before.Slots.Count / 4 * 3 ? Rebuild(parts) : Change(before, parts, written) };
    }

    private static Pages<ulong> Change(ZoneParts before, ZoneParts after, List<(int Id, uint Reference)> written)
    {
        PageEditor<ulong> slots = before.Slots.Edit();
        foreach ((int id, uint reference) in written)
        {
            ulong hash = Zone.BlockAt(after.Chunks, reference).Name.Hash;

            // The slot that leads to the old block, or for a node that is new, a free one.
            ulong sought = id < before.References.Count ? Entry(hash, before.References[id]) : 0;
            int slot = (int)hash & (slots.Count - 1);
            while (slots[slot] != sought)
            {
                slot = (slot + 1) & (slots.Count - 1);
            }

            slots[slot] = Entry(hash, reference);
        }

        return slots.ToPages();
    }

    /// <summary>Makes a larger table.</summary>
    private static Pages<ulong> Rebuild(ZoneParts parts)
    {
        var slots = Pages<ulong>.Make(NameIndex.SlotsFor(parts.References.Count));
        int mask = slots.Count - 1;
        for (int id = 0; id < parts.References.Count; id++)
        {
            uint reference = parts.References[id];
            ulong hash = Zone.BlockAt(parts.Chunks, reference).Name.Hash;
            int slot = (int)hash & mask;
            while (slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            slots.At(slot) = Entry(hash, reference);
        }

        return slots;
    }

    private static ulong Entry(ulong hash, uint reference) => ((ulong)Zone.TagOf(hash) << 32) | reference;
}
