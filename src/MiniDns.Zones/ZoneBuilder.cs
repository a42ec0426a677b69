using System.Buffers.Binary;

using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>Collects the records of a zone in any order, checks them, and freezes them into a <see cref="Zone"/>.</summary>
/// <remarks>Not for parallel use. After <see cref="TryBuild"/> it is used up.</remarks>
public sealed class ZoneBuilder
{
    private readonly DnsName _origin;
    private readonly ZoneProblems _problems;
    private readonly List<string> _files = [];
    private readonly RecordStore _records = new();
    private readonly NameIndex _names;
    private int _last;                       // the node of the last record
    private int _lastParent;                 // the parent of the last new node
    private bool _foreign;

    /// <summary>Starts a zone.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <param name="expectedNames">About how many names there will be; a wrong number only costs time.</param>
    public ZoneBuilder(DnsName origin, ZoneProblems problems, int expectedNames = 0)
    {
        _origin = origin;
        _problems = problems;
        _names = new NameIndex(expectedNames);
        _names.Add(origin.View, origin.Hash, parent: -1, NodeTraits.Apex);
    }

    /// <summary>The zone's name.</summary>
    internal DnsName Origin => _origin;

    /// <summary>The names so far, with what is collected for each.</summary>
    internal NameIndex Names => _names;

    /// <summary>The records so far.</summary>
    internal RecordStore Records => _records;

    /// <summary>Takes what is wrong.</summary>
    internal ZoneProblems Problems => _problems;

    /// <summary>Adds a record.</summary>
    /// <param name="owner">The owner name. A record outside of the zone is left out, with a warning.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class, which must be IN.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="rdata">The rdata, names uncompressed, in the form of its type.</param>
    /// <param name="place">Where it was read.</param>
    public void Add(DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint ttl, ReadOnlySpan<byte> rdata, in ZonePlace place)
    {
        if (@class != DnsRecordClass.IN)
        {
            if (!_foreign)
            {
                _problems.Error(place, $"class {DnsClassText.Format(@class)} must be IN, the class of the zone");
                _foreign = true;
            }

            return;
        }

        int node = NodeOf(owner, type, rdata);
        if (node < 0)
        {
            _problems.Warning(place, $"{owner.ToString()} is not in the zone {_origin}; the record is left out");
            return;
        }

        _names.AddTraits(node, TraitsOf(type, node));
        ref NameEntry names = ref _names[node];
        int record = _records.Add(type, ttl, rdata, FileNumber(place.File), place.Line, place.Column);
        if (names.FirstRecord < 0)
        {
            names.FirstRecord = record;
        }
        else
        {
            _records.Link(names.LastRecord, record);
        }

        names.LastRecord = record;
    }

    /// <summary>Adds all records of another version of the zone, or of another zone of the same name.</summary>
    public void AddAll(Zone zone)
    {
        var place = new ZonePlace("the zone before");
        foreach (RRsetView set in zone.Records)
        {
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                Add(set.Owner, set.Type, set.Class, set.Ttl, rdata, place);
            }
        }
    }

    /// <summary>Checks, links and freezes the zone.</summary>
    /// <returns>Null when there are errors.</returns>
    public Zone? TryBuild()
    {
        Link(1);
        var checker = new RecordChecker(this);
        bool hasSoa = checker.CheckApex();
        var numbers = new FreshNumbers(_names);
        var writer = new BlockWriter(this, checker, numbers, firstChunk: 0);
        Pages<uint> references = writer.WriteAll();
        if (_problems.HasErrors || !hasSoa)
        {
            return null;
        }

        var zone = new Zone(new ZoneParts
        {
            Origin = _origin,
            Chunks = writer.TakeChunks(),
            Slots = _names.TakeSlots(references),
            References = references,
            NameCount = _names.Count - numbers.PhantomCount,
            MaxDepth = _names.MaxDepth,
        });
        ZoneChecker.Check(zone, this, numbers);
        return _problems.HasErrors ? null : zone;
    }

    /// <summary>Finds or adds the node that a record belongs to; -1 when it is outside of the zone.</summary>
    internal int NodeOf(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        bool isHashed = IsHashed(type, rdata);
        if (!isHashed && _names.NameAt(_last).Equals(owner))
        {
            return _last;
        }

        if (!owner.IsSubdomainOf(_origin.View))
        {
            return -1;
        }

        if (!isHashed)
        {
            return _last = FindOrAdd(owner);
        }

        ulong hash = owner.Hash;
        int node = _names.Find(owner, hash, NodeTraits.Hashed);
        return node >= 0 ? node : _names.Add(owner, hash, parent: -1, NodeTraits.Hashed);
    }

    /// <summary>Where a record was read.</summary>
    internal ZonePlace PlaceOf(int record)
    {
        (int file, int line, int column) = _records.PlaceOf(record);
        return new ZonePlace(_files[file], line, column);
    }

    /// <summary>Where the first record of a type at a node was read; else where the node's first record was.</summary>
    internal ZonePlace PlaceOf(int node, DnsRecordType type)
    {
        int first = _names[node].FirstRecord;
        for (int record = first; record >= 0; record = _records.Next(record))
        {
            if (_records.TypeOf(record) == type)
            {
                return PlaceOf(record);
            }
        }

        return first >= 0 ? PlaceOf(first) : new ZonePlace(_files.Count > 0 ? _files[0] : _origin.ToString());
    }

    internal static DnsRecordType CoveredBy(ReadOnlySpan<byte> signature) => (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(signature);

    private static bool IsHashed(DnsRecordType type, ReadOnlySpan<byte> rdata) =>
        type == DnsRecordType.NSEC3 || (type == DnsRecordType.RRSIG && rdata.Length > 2 && CoveredBy(rdata) == DnsRecordType.NSEC3);

    private static NodeTraits TraitsOf(DnsRecordType type, int node) => type switch
    {
        DnsRecordType.NS => node == 0 ? NodeTraits.None : NodeTraits.Cut,
        DnsRecordType.DNAME => NodeTraits.Dname,
        DnsRecordType.CNAME => NodeTraits.Cname,
        DnsRecordType.NSEC => NodeTraits.Nsec,
        _ => NodeTraits.None,
    };

    /// <summary>Finds a name or adds it, with all names between it and the apex (RFC 4592 §2.2.2).</summary>
    internal int FindOrAdd(DnsNameView name)
    {
        ulong hash = name.Hash;
        int node = _names.Find(name, hash);
        if (node >= 0)
        {
            return node;
        }

        DnsNameView above = name.Parent;
        int parent = _names.NameAt(_lastParent).Equals(above) ? _lastParent : FindOrAdd(above);
        _lastParent = parent;
        node = _names.Add(name, hash, parent, NodeTraits.None);
        if (name.IsWildcard)
        {
            _names[parent].Wildcard = node;
        }

        return node;
    }

    /// <summary>Tells nodes what hides them. Parents come before their children.</summary>
    /// <param name="first">The first node that does not know it, not the apex.</param>
    internal void Link(int first)
    {
        for (int i = first; i < _names.Count; i++)
        {
            ref NameEntry node = ref _names[i];
            if (node.Parent < 0)
            {
                continue;
            }

            ref NameEntry parent = ref _names[node.Parent];
            if ((parent.Traits & NodeTraits.Hidden) != 0)
            {
                node.Traits |= NodeTraits.Hidden;
                node.Link = parent.Link;
            }
            else if ((parent.Traits & (NodeTraits.Cut | NodeTraits.Dname)) != 0)
            {
                node.Traits |= NodeTraits.Hidden;
                node.Link = node.Parent;
            }
        }
    }

    private int FileNumber(string file)
    {
        for (int i = _files.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_files[i], file) || string.Equals(_files[i], file, StringComparison.Ordinal))
            {
                return i;
            }
        }

        _files.Add(file);
        return _files.Count - 1;
    }
}
