using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Zones;

/// <summary>One lookup under way.</summary>
/// <typeparam name="TSink">What takes the records.</typeparam>
internal ref struct LookupRun<TSink>
    where TSink : struct, IAnswerSink
{
    private readonly Zone _zone;
    private readonly DnsRecordType _type;
    private readonly bool _dnssec;
    private readonly bool _signed;
    private readonly Span<byte> _scratch;
    private readonly DnsNameView _asked;
    private readonly ref TSink _sink;
    private DnsNameView _name;               // the name to find: the asked one, then the targets of aliases
    private ulong _hash;
    private int _aliases;
    private bool _isSecondHalf;              // which half of the scratch octets the next made-up name goes into
    private NodeSet _seen;                   // the nodes whose aliases are in the answer
    private NodeSet _proven;                 // the nodes whose NSEC or NSEC3 records are in the authority section

    public LookupRun(Zone zone, DnsNameView name, ulong hash, DnsRecordType type, bool dnssec, Span<byte> scratch, ref TSink sink)
    {
        _zone = zone;
        _asked = name;
        _name = name;
        _hash = hash;
        _type = type;
        _dnssec = dnssec;
        _signed = dnssec && zone.IsSigned;
        _scratch = scratch;
        _sink = ref sink;
    }

    /// <summary>The algorithm: find the node, or what stands in for it; follow aliases while they stay in the zone.</summary>
    public ZoneAnswer Run()
    {
        while (true)
        {
            bool exists = _zone.TryFind(_name, _hash, out ZoneNode node);
            ZoneNode encloser = exists ? node : FindEncloser();
            NodeTraits traits = encloser.Traits;
            if ((traits & (NodeTraits.Hidden | NodeTraits.Cut | NodeTraits.Dname)) != 0)
            {
                if ((traits & NodeTraits.Hidden) != 0)
                {
                    encloser = _zone.NodeAt(encloser.Link);
                    exists = false;
                }

                // Step 3b: authority may end above the name, or at it; DS belongs to the side above the cut (RFC 4035 §3.1.4.1).
                if ((encloser.Traits & NodeTraits.Cut) != 0)
                {
                    if (!(exists && _type == DnsRecordType.DS))
                    {
                        return Refer(encloser);
                    }
                }
                else if (!exists && encloser.TryGet(DnsRecordType.DNAME, out NodeRRset dname))
                {
                    // RFC 6672 §3.2: a DNAME redirects what is below its owner, not the owner.
                    if (!TryRedirect(encloser, dname, out ZoneAnswer end))
                    {
                        return end;
                    }

                    continue;
                }
            }

            // Step 3c: there is no such name; the closest encloser's wildcard stands in for it (RFC 4592 §3.3.1).
            bool isExpanded = false;
            if (!exists)
            {
                if (encloser.Wildcard < 0)
                {
                    return Deny(encloser);
                }

                node = _zone.NodeAt(encloser.Wildcard);
                isExpanded = true;
            }

            // Step 3a: the records of the node.
            if (TryAnswer(node, encloser, isExpanded))
            {
                return new ZoneAnswer(ZoneOutcome.Answer, _aliases);
            }

            if ((node.Traits & NodeTraits.Cname) == 0 || _type is DnsRecordType.ANY or DnsRecordType.RRSIG)
            {
                return Lack(node, encloser, isExpanded);
            }

            if (!TryFollow(node, encloser, isExpanded, out ZoneAnswer answer))
            {
                return answer;
            }
        }
    }

    /// <summary>The longest name above one that exists (RFC 4592 §3.3.1); no more names are tried than the zone is deep.</summary>
    private readonly ZoneNode FindEncloser()
    {
        int labels = _name.LabelCount;
        DnsNameView above = labels > _zone.MaxDepth ? _name.Skip(labels - _zone.MaxDepth) : _name.Parent;
        while (true)
        {
            if (_zone.TryFind(above, above.Hash, out ZoneNode node))
            {
                return node;
            }

            above = above.Parent;
        }
    }

    /// <summary>Adds the records of the type asked for, if the node has them.</summary>
    private bool TryAnswer(in ZoneNode node, in ZoneNode encloser, bool isExpanded)
    {
        bool hasNameServers = false;
        if (_type is DnsRecordType.ANY or DnsRecordType.RRSIG)
        {
            bool any = false;
            foreach (NodeRRset set in node)
            {
                if (_type == DnsRecordType.ANY && set.RecordCount > 0)
                {
                    Add(set.Records, isExpanded);
                    hasNameServers |= set.Type == DnsRecordType.NS && (node.Traits & NodeTraits.Apex) != 0;
                    any = true;
                }

                if (set.SignatureCount > 0)
                {
                    Add(set.Signatures, isExpanded);
                    any = true;
                }
            }

            if (!any)
            {
                return false;
            }
        }
        else
        {
            if (!node.TryGet(_type, out NodeRRset records))
            {
                return false;
            }

            AddSigned(records, isExpanded);
            AddAddresses(records);
            hasNameServers = _type == DnsRecordType.NS && (node.Traits & NodeTraits.Apex) != 0;
        }

        if (isExpanded)
        {
            ProveExpansion(encloser);
        }

        if (!hasNameServers)
        {
            AddNameServers();
        }

        return true;
    }

    /// <summary>Adds a node's CNAME and goes on with its target.</summary>
    /// <returns>False when the lookup ends here.</returns>
    private bool TryFollow(in ZoneNode node, in ZoneNode encloser, bool isExpanded, out ZoneAnswer answer)
    {
        node.TryGet(DnsRecordType.CNAME, out NodeRRset cname);
        if (!isExpanded && !_seen.TryAdd(node.Id))
        {
            // The chain has come back to where it was.
            AddNameServers();
            answer = new ZoneAnswer(ZoneOutcome.Answer, _aliases, IsCircle: true);
            return false;
        }

        AddSigned(cname, isExpanded);
        if (isExpanded)
        {
            ProveExpansion(encloser);
        }

        return TryMoveTo(new DnsNameView(cname.Records.First), out answer);
    }

    /// <summary>Adds a DNAME and the CNAME it stands for, and goes on with the target (RFC 6672 §3.2).</summary>
    /// <returns>False when the lookup ends here.</returns>
    private bool TryRedirect(in ZoneNode node, in NodeRRset dname, out ZoneAnswer answer)
    {
        if (_seen.TryAdd(node.Id))
        {
            AddSigned(dname, isExpanded: false);
        }

        RRsetView records = dname.Records;
        var to = new DnsNameView(records.First);
        int prefix = _name.Length - node.Name.Length;
        if (prefix + to.Length > DnsNameView.MaxLength)
        {
            AddNameServers();
            answer = new ZoneAnswer(ZoneOutcome.TooLong, _aliases);
            return false;
        }

        Span<byte> target = _scratch[(_isSecondHalf ? DnsNameView.MaxLength : 0)..][..(prefix + to.Length)];
        _isSecondHalf = !_isSecondHalf;
        _name.Wire[..prefix].CopyTo(target);
        to.Wire.CopyTo(target[prefix..]);
        _sink.AddCname(_name, records.Class, records.Ttl, new DnsNameView(target));
        if (_type != DnsRecordType.CNAME)
        {
            return TryMoveTo(new DnsNameView(target), out answer);
        }

        AddNameServers();
        answer = new ZoneAnswer(ZoneOutcome.Answer, _aliases);
        return false;
    }

    /// <summary>Goes on with the target of an alias whose records are added.</summary>
    /// <returns>False when the lookup ends here.</returns>
    private bool TryMoveTo(DnsNameView target, out ZoneAnswer answer)
    {
        _aliases++;
        if (!target.IsSubdomainOf(_zone.Origin.View))
        {
            int length = target.Length;
            target.CopyLowerTo(_scratch);
            answer = new ZoneAnswer(ZoneOutcome.Leaves, _aliases, TargetLength: length);
            return false;
        }

        bool isCircle = target.Equals(_name) || target.Equals(_asked);
        answer = new ZoneAnswer(ZoneOutcome.Answer, _aliases, IsCircle: isCircle);
        if (isCircle || _aliases >= ZoneLookup.MaxAliases)
        {
            AddNameServers();
            return false;
        }

        _name = target;
        _hash = target.Hash;
        return true;
    }

    /// <summary>A referral: the cut's NS, its DS or the proof that there is none, and the addresses the zone has (RFC 4035 §3.1.4).</summary>
    private ZoneAnswer Refer(in ZoneNode cut)
    {
        cut.TryGet(DnsRecordType.NS, out NodeRRset nameServers);
        _sink.Add(DnsSection.Authority, nameServers.Records);

        // A zone without signatures may be signed on its way to the client.
        if (_dnssec && cut.TryGet(DnsRecordType.DS, out NodeRRset delegationSigner))
        {
            AddAuthority(delegationSigner);
        }
        else if (_signed)
        {
            ProveLack(cut);
        }

        AddAddresses(nameServers);
        return End(ZoneOutcome.Delegation);
    }

    /// <summary>NXDOMAIN (RFC 2308 §2.1, RFC 4035 §3.1.3.2, RFC 5155 §7.2.2).</summary>
    private ZoneAnswer Deny(in ZoneNode encloser)
    {
        AddSoa();
        if (_signed)
        {
            if (_zone.Nsec is { } chain)
            {
                Span<byte> wildcard = stackalloc byte[DnsNameView.MaxLength + 2];
                AddProof(chain.Find(_name));
                AddProof(chain.Find(WildcardName.Below(encloser.Name, wildcard)));
            }
            else
            {
                ZoneNode provable = AddEncloserProof(encloser);
                AddProof(_zone.Nsec3!.CoverWildcard(provable));
            }
        }

        return End(ZoneOutcome.NameError);
    }

    /// <summary>NODATA (RFC 2308 §2.2, RFC 4035 §3.1.3.1 and §3.1.3.4, RFC 5155 §7.2.3 to §7.2.5).</summary>
    private ZoneAnswer Lack(in ZoneNode node, in ZoneNode encloser, bool isExpanded)
    {
        AddSoa();
        if (_signed)
        {
            if (isExpanded)
            {
                if (_zone.Nsec3 is not null && _zone.Nsec is null)
                {
                    AddEncloserProof(encloser);
                }
                else
                {
                    AddProof(_zone.Nsec!.Find(_name));
                }
            }

            ProveLack(node);
        }

        return !isExpanded && (node.Traits & NodeTraits.Empty) != 0 ? End(ZoneOutcome.NoData, isEmptyName: true) : new ZoneAnswer(ZoneOutcome.NoData, _aliases);
    }

    /// <summary>Ends where this zone has no records; when aliases have led there, another zone may have some, and the name is told.</summary>
    private readonly ZoneAnswer End(ZoneOutcome outcome, bool isEmptyName = false)
    {
        if (_aliases == 0)
        {
            return new ZoneAnswer(outcome, IsEmptyName: isEmptyName);
        }

        int length = _name.Length;
        _name.CopyLowerTo(_scratch);
        return new ZoneAnswer(outcome, _aliases, isEmptyName, length);
    }

    /// <summary>Proves which types a node has: by its own record, or by what covers it where it has none.</summary>
    private void ProveLack(in ZoneNode node)
    {
        if (_zone.Nsec is { } chain)
        {
            // An empty non-terminal has no NSEC: the one before it shows that there is a name below.
            AddProof((node.Traits & NodeTraits.Nsec) != 0 ? node : chain.Find(node.Name));
            return;
        }

        int match = _zone.Nsec3!.Match(node);
        if (match >= 0)
        {
            AddProof(match);
            return;
        }

        // RFC 5155 §7.2.4 and §7.2.7: an unsigned delegation that the chain opts out of, or a name that exists for such ones only.
        // A chain without the apex is broken, and proves nothing of it.
        if ((node.Traits & NodeTraits.Apex) == 0)
        {
            AddEncloserProof(node.Name, ParentOf(node));
        }
    }

    /// <summary>Proves that no name closer to the asked one exists than the wildcard that answers for it (RFC 4035 §3.1.3.3, RFC 5155 §7.2.6).</summary>
    private void ProveExpansion(in ZoneNode encloser)
    {
        if (!_signed)
        {
            return;
        }

        if (_zone.Nsec is { } chain)
        {
            AddProof(chain.Find(_name));
        }
        else
        {
            AddProof(_zone.Nsec3!.Cover(NextCloser(_name, encloser)));
        }
    }

    /// <summary>Adds a closest encloser proof for the present name (RFC 5155 §7.2.1).</summary>
    private ZoneNode AddEncloserProof(in ZoneNode encloser) => AddEncloserProof(_name, encloser);

    /// <summary>Adds the record that matches the closest encloser that can be proven, and the one that covers the next closer name.</summary>
    /// <returns>The encloser that is proven.</returns>
    private ZoneNode AddEncloserProof(DnsNameView name, ZoneNode encloser)
    {
        Nsec3Chain chain = _zone.Nsec3!;
        int match = chain.Match(encloser);
        while (match < 0 && (encloser.Traits & NodeTraits.Apex) == 0)
        {
            encloser = ParentOf(encloser);
            match = chain.Match(encloser);
        }

        if (match >= 0)
        {
            AddProof(match);
        }

        AddProof(chain.Cover(NextCloser(name, encloser)));
        return encloser;
    }

    /// <summary>The name one label longer than its encloser.</summary>
    private static DnsNameView NextCloser(DnsNameView name, in ZoneNode encloser) => name.Skip(name.LabelCount - encloser.Name.LabelCount - 1);

    private readonly ZoneNode ParentOf(in ZoneNode node)
    {
        DnsNameView parent = node.Name.Parent;
        _zone.TryFind(parent, parent.Hash, out ZoneNode found);
        return found;
    }

    private void AddProof(int id) => AddProof(_zone.NodeAt(id), DnsRecordType.NSEC3);

    private void AddProof(in ZoneNode node) => AddProof(node, DnsRecordType.NSEC);

    private void AddProof(in ZoneNode node, DnsRecordType type)
    {
        if (_proven.TryAdd(node.Id) && node.TryGet(type, out NodeRRset records))
        {
            AddAuthority(records);
        }
    }

    private readonly void AddAuthority(in NodeRRset set)
    {
        _sink.Add(DnsSection.Authority, set.Records);
        if (_signed && set.SignatureCount > 0)
        {
            _sink.Add(DnsSection.Authority, set.Signatures);
        }
    }

    private readonly void AddSoa()
    {
        _sink.Add(DnsSection.Authority, _zone.SoaSet.Records, _zone.NegativeTtl);
        if (_signed && _zone.SoaSet.SignatureCount > 0)
        {
            _sink.Add(DnsSection.Authority, _zone.SoaSet.Signatures, _zone.NegativeTtl);
        }
    }

    private readonly void AddNameServers()
    {
        if (_zone.HasNameServers)
        {
            AddAuthority(_zone.NameServers);
        }
    }

    private readonly void AddSigned(in NodeRRset set, bool isExpanded)
    {
        Add(set.Records, isExpanded);
        if (_signed && set.SignatureCount > 0)
        {
            Add(set.Signatures, isExpanded);
        }
    }

    private readonly void Add(in RRsetView records, bool isExpanded)
    {
        if (isExpanded)
        {
            _sink.Add(DnsSection.Answer, records, _name);
        }
        else
        {
            _sink.Add(DnsSection.Answer, records);
        }
    }

    /// <summary>Adds the addresses that the zone has for the targets of an RRset (RFC 1034 §4.3.2 step 6).</summary>
    private readonly void AddAddresses(in NodeRRset set)
    {
        for (int i = 0; i < set.LinkCount; i++)
        {
            // What a delegation hides is for referrals only.
            ZoneNode node = _zone.NodeAt(set.Link(i));
            if (set.Type == DnsRecordType.NS || (node.Traits & NodeTraits.Hidden) == 0)
            {
                AddAdditional(node, DnsRecordType.A);
                AddAdditional(node, DnsRecordType.AAAA);
            }
        }
    }

    private readonly void AddAdditional(in ZoneNode node, DnsRecordType type)
    {
        if (node.TryGet(type, out NodeRRset set))
        {
            _sink.Add(DnsSection.Additional, set.Records);
            if (_signed && set.SignatureCount > 0)
            {
                _sink.Add(DnsSection.Additional, set.Signatures);
            }
        }
    }
}
