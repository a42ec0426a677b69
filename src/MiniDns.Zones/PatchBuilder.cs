using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Makes a version of a zone by changes to another.</summary>
/// <remarks>
/// A builder collects the whole new content of the names that change, and the names above them; each has an edit beside it
/// that leads to its node in the version before. Blocks are written for nodes that are different: with their records, or, when only
/// what is around them changed, as a copy with another header. A name that goes leaves a phantom, so that whatever links to
/// its id need not be found.
/// </remarks>
internal sealed class PatchBuilder : INodeNumbers
{
    /// <summary>What a node is by its own records.</summary>
    private const NodeTraits Own = NodeTraits.Cut | NodeTraits.Dname | NodeTraits.Cname | NodeTraits.Empty | NodeTraits.Apex | NodeTraits.Nsec | NodeTraits.Hashed;

    private readonly ZonePatch _patch;
    private readonly Zone _zone;
    private readonly ZoneBuilder _builder;
    private readonly NameIndex _names;
    private readonly List<NodeEdit> _edits = [];     // by the numbers of the builder
    private readonly List<int> _phantoms = [];       // targets that are nowhere
    private int _nextId;

    public PatchBuilder(ZonePatch patch)
    {
        _patch = patch;
        _zone = patch.Zone;
        _nextId = _zone.IdCount;
        _builder = new ZoneBuilder(_zone.Origin, patch.Problems);
        _names = _builder.Names;
    }

    /// <inheritdoc/>
    public int IdOf(int node) => node < 0 ? -1 : _edits[node].Id;

    /// <inheritdoc/>
    public int WildcardOf(int node) => _edits[node].Wildcard;

    /// <inheritdoc/>
    public int ChildrenOf(int node) => _edits[node].Children;

    /// <inheritdoc/>
    public DnsNameView NameOf(int node) => _edits[node].WasThere ? _edits[node].Old.Name : _names.NameAt(node);

    /// <inheritdoc/>
    public int LinkTo(DnsNameView target)
    {
        ulong hash = target.Hash;
        int node = _names.Find(target, hash);
        if (node < 0 && _zone.FindAny(target, NodeTraits.None) is int known and >= 0)
        {
            return known;
        }

        if (node < 0)
        {
            node = _names.Add(target, hash, parent: -1, NodeTraits.None);
            Open();
        }

        if (_edits[node].Id < 0)
        {
            _edits[node].Id = _nextId++;
            _phantoms.Add(node);
        }

        return _edits[node].Id;
    }

    /// <summary>Makes the version.</summary>
    /// <returns>Null when there are errors.</returns>
    public Zone? TryBuild()
    {
        Collect();
        int nameCount = _zone.NameCount + Settle();
        Hide();
        var checker = new RecordChecker(_builder);
        bool hasSoa = checker.CheckApex();
        var writer = new BlockWriter(_builder, checker, this, _zone.Parts.Chunks.Length);
        List<(int Id, uint Reference)> written = Write(writer);
        if (_patch.Problems.HasErrors || !hasSoa)
        {
            return null;
        }

        byte[][] chunks = writer.TakeChunks();
        int[] touched = [.. written.Select(w => w.Id)];
        var zone = new Zone(
            PatchTables.Change(_zone.Parts, chunks, written, _nextId) with
            {
                NameCount = nameCount,
                MaxDepth = Math.Max(_zone.MaxDepth, _names.MaxDepth),
                Touched = touched,
            },
            _zone);
        CanonicalKey.Sort(zone, touched);
        ZoneChecker.Check(zone, _builder, this);
        return _patch.Problems.HasErrors ? null : zone;
    }

    /// <summary>Has the builder collect the records of the names that change: the new ones first, for of an RRset's TTLs the first counts.</summary>
    private void Collect()
    {
        Open();
        _edits[0].IsRead = true;
        foreach (ZonePatch.Addition record in _patch.Added)
        {
            _builder.Add(record.Owner, record.Type, DnsRecordClass.IN, record.Ttl, record.Rdata, record.Place);
            Read(record.Owner, record.Type, record.Rdata);
        }

        _patch.ForEachRemoved(Read);
        int removed = 0;
        for (int node = 0; node < _edits.Count; node++)
        {
            if (_edits[node].IsRead && _edits[node].WasThere)
            {
                removed += Keep(_edits[node].Old);
            }
        }

        _patch.CheckRemoved(removed);
    }

    /// <summary>Opens the node of a record, for all of its records to be collected.</summary>
    private void Read(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        int node = _builder.NodeOf(owner, type, rdata);
        if (node >= 0)
        {
            Open();
            _edits[node].IsRead = true;
        }
    }

    /// <summary>Collects those records of a node that stay.</summary>
    /// <returns>How many go.</returns>
    private int Keep(in ZoneNode node)
    {
        int removed = 0;
        foreach (NodeRRset set in node)
        {
            if (set.RecordCount > 0)
            {
                removed += Keep(set.Records);
            }

            if (set.SignatureCount > 0)
            {
                removed += Keep(set.Signatures);
            }
        }

        return removed;
    }

    private int Keep(in RRsetView records)
    {
        int removed = 0;
        var place = new ZonePlace("the version before");
        foreach (ReadOnlySpan<byte> rdata in records)
        {
            if (_patch.IsKept(records, rdata, out bool isRemoved))
            {
                _builder.Add(records.Owner, records.Type, records.Class, records.Ttl, rdata, place);
            }

            removed += isRemoved ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Makes edits for the names that have come to the builder.</summary>
    private void Open()
    {
        for (int node = _edits.Count; node < _names.Count; node++)
        {
            int id = _zone.FindAny(_names.NameAt(node), _names[node].Traits & NodeTraits.Hashed);
            ZoneNode old = id < 0 ? default : _zone.NodeAt(id);
            bool wasThere = id >= 0 && (old.Traits & NodeTraits.Phantom) == 0;
            _edits.Add(new NodeEdit
            {
                Id = id,
                Old = old,
                WasThere = wasThere,
                Children = wasThere ? old.Children : 0,
                Wildcard = wasThere ? old.Wildcard : -1,
            });
            if (wasThere && _names[node].Parent >= 0)
            {
                _edits[_names[node].Parent].KnownChildren++;
            }
        }
    }

    /// <summary>Finds out which names there are: those with records, and those with names below them.</summary>
    /// <returns>How many more there are than before.</returns>
    private int Settle()
    {
        int more = 0;
        for (int node = _edits.Count - 1; node >= 0; node--)
        {
            NodeEdit edit = _edits[node];
            bool hasRecords = edit.IsRead ? _names[node].FirstRecord >= 0 : edit.WasThere && (edit.Old.Traits & NodeTraits.Empty) == 0;
            edit.IsThere = hasRecords || edit.Children > 0 || node == 0;
            int change = (edit.IsThere ? 1 : 0) - (edit.WasThere ? 1 : 0);
            more += change;
            if (_names[node].Parent is int parent and >= 0)
            {
                _edits[parent].Children += change;
            }
        }

        for (int node = 0; node < _edits.Count; node++)
        {
            NodeEdit edit = _edits[node];
            if (edit.IsThere && edit.Id < 0)
            {
                edit.Id = _nextId++;
            }

            if (_names[node].Parent is int parent and >= 0 && _names.NameAt(node).IsWildcard)
            {
                _edits[parent].Wildcard = edit.IsThere ? edit.Id : -1;
            }

            if (edit.WasThere && !edit.IsRead)
            {
                _names.AddTraits(node, edit.Old.Traits & Own);
            }
        }

        return more;
    }

    /// <summary>Finds out what hides the names, those below included that the changes do not name.</summary>
    private void Hide()
    {
        _builder.Link(1);
        bool hasRoots = false;
        for (int node = 0; node < _edits.Count; node++)
        {
            NodeEdit edit = _edits[node];
            edit.IsRoot = edit.WasThere && edit.Old.Children > edit.KnownChildren
                && HidesBelow(edit.Old.Traits, edit.Old.Id, edit.Old.Link) != HidesBelow(_names[node].Traits, edit.Id, IdOf(_names[node].Link));
            hasRoots |= edit.IsRoot;
        }

        if (!hasRoots)
        {
            return;
        }

        int first = _edits.Count;
        for (int id = 0; id < _zone.IdCount; id++)
        {
            ZoneNode node = _zone.NodeAt(id);
            if ((node.Traits & (NodeTraits.Phantom | NodeTraits.Hashed)) == 0 && IsBelowRoot(node.Name))
            {
                _builder.FindOrAdd(node.Name);
                OpenHidden();
            }
        }

        _builder.Link(first);
    }

    /// <summary>Makes edits for names below a root, which for the names below them are like the root.</summary>
    private void OpenHidden()
    {
        int first = _edits.Count;
        Open();
        for (int node = first; node < _edits.Count; node++)
        {
            NodeEdit edit = _edits[node];
            edit.IsThere = true;
            edit.IsRoot = true;
            _names.AddTraits(node, edit.Old.Traits & Own);
        }
    }

    /// <summary>The id of the node that hides the names below a node; -1 when they are not hidden.</summary>
    private static int HidesBelow(NodeTraits traits, int id, int link) =>
        (traits & NodeTraits.Hidden) != 0 ? link : (traits & (NodeTraits.Cut | NodeTraits.Dname)) != 0 ? id : -1;

    /// <summary>True when a name without an edit is below a root; the nearest name above that has an edit tells.</summary>
    private bool IsBelowRoot(DnsNameView name)
    {
        int node = _names.Find(name, name.Hash);
        if (node >= 0)
        {
            return false;
        }

        while (node < 0)
        {
            name = name.Parent;
            node = _names.Find(name, name.Hash);
        }

        return _edits[node].IsRoot;
    }

    /// <summary>Writes the blocks of all nodes that are not as before.</summary>
    private List<(int Id, uint Reference)> Write(BlockWriter writer)
    {
        List<(int Id, uint Reference)> written = [];
        int count = _edits.Count;
        for (int node = 0; node < count; node++)
        {
            NodeEdit edit = _edits[node];
            if (edit.IsThere)
            {
                if (edit.IsRead || !edit.WasThere)
                {
                    written.Add((edit.Id, writer.Write(node)));
                }
                else if (IsMoved(node))
                {
                    written.Add((edit.Id, writer.Copy(node, edit.Old)));
                }
            }
            else if (edit.WasThere)
            {
                _phantoms.Add(node);
            }
        }

        foreach (int node in _phantoms)
        {
            ref NameEntry entry = ref _names[node];
            entry.Traits = NodeTraits.Phantom | (entry.Traits & NodeTraits.Hashed);
            entry.Link = -1;
            written.Add((_edits[node].Id, writer.Write(node)));
        }

        return written;
    }

    /// <summary>True when what is around a node is not as before.</summary>
    private bool IsMoved(int node)
    {
        NodeEdit edit = _edits[node];
        ref NameEntry entry = ref _names[node];
        return edit.Children != edit.Old.Children
            || edit.Wildcard != edit.Old.Wildcard
            || IdOf(entry.Link) != edit.Old.Link
            || (entry.Traits & NodeTraits.Hidden) != (edit.Old.Traits & NodeTraits.Hidden);
    }
}
