using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Zones;

namespace MiniDns.Plugins.Rpz;

/// <summary>Makes a policy zone from records: from all of them, or from changes to another version. What is malformed is noted and left out.</summary>
/// <param name="origin">The zone's name.</param>
/// <param name="problems">Takes what is wrong, as warnings; only a zone without SOA record is an error.</param>
internal sealed class PolicyBuilder(DnsName origin, ZoneProblems problems)
{
    private readonly Dictionary<byte[], int> _numbers = new(OctetsComparer.Instance);
    private readonly List<byte[]> _forms = [];
    private readonly PolicyNamesBuilder _qnames = new();
    private readonly PolicyNamesBuilder _nsdnames = new();
    private readonly Dictionary<PolicyTrigger, Dictionary<PolicyNetwork, int>> _networks = new()
    {
        [PolicyTrigger.ClientIp] = [],
        [PolicyTrigger.ResponseIp] = [],
        [PolicyTrigger.Nsip] = [],
    };

    private byte[]? _soa;
    private uint _soaTtl;

    /// <summary>How many records say something; those that are malformed are not counted.</summary>
    public int Records { get; private set; }

    /// <summary>How many records are malformed.</summary>
    public int Malformed { get; set; }

    /// <summary>Takes a record.</summary>
    /// <param name="owner">The owner name.</param>
    /// <param name="type">The type.</param>
    /// <param name="class">The class.</param>
    /// <param name="ttl">The time to live, in seconds.</param>
    /// <param name="rdata">The rdata, names uncompressed.</param>
    /// <param name="place">Where it stands.</param>
    public void Add(DnsNameView owner, DnsRecordType type, DnsRecordClass @class, uint ttl, ReadOnlySpan<byte> rdata, in ZonePlace place)
    {
        if (!owner.IsSubdomainOf(origin.View) || @class != DnsRecordClass.IN)
        {
            Skip(owner, place, @class != DnsRecordClass.IN ? "the class must be IN" : $"it is not in the zone {origin}");
            return;
        }

        bool isApex = owner.Length == origin.Length;
        if (isApex && type == DnsRecordType.SOA)
        {
            SetSoa(rdata, ttl);
        }

        if (PolicyRecords.IsOfZone(type, isApex))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[DnsNameView.MaxLength];
        if (!PolicyOwner.TryRead(owner, origin.View, buffer, out PolicyOwner trigger, out string? error)
            || !PolicyRecords.TryReadAction(trigger, type, rdata, out PolicyAction action, out error))
        {
            Skip(owner, place, error!);
            return;
        }

        if (TryJoin(Get(trigger), action, type, ttl, rdata, out ReadOnlySpan<byte> form, out error) && Set(trigger, form, out error))
        {
            Records++;
        }
        else
        {
            Skip(owner, place, error!);
        }
    }

    /// <summary>Takes a record away.</summary>
    /// <returns>False when it is not there, so that the changes do not fit.</returns>
    public bool Remove(DnsNameView owner, DnsRecordType type, ReadOnlySpan<byte> rdata)
    {
        if (!owner.IsSubdomainOf(origin.View))
        {
            return false;
        }

        Span<byte> buffer = stackalloc byte[DnsNameView.MaxLength];
        if (PolicyRecords.IsOfZone(type, owner.Length == origin.Length))
        {
            return true;
        }

        if (!PolicyOwner.TryRead(owner, origin.View, buffer, out PolicyOwner trigger, out _)
            || !PolicyRecords.TryReadAction(trigger, type, rdata, out PolicyAction action, out _))
        {
            Malformed = Math.Max(0, Malformed - 1);
            return true;        // it was left out when it came
        }

        int number = Get(trigger);
        if (number < 0 || _forms[number][0] != (byte)action)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = default;
        if (action == PolicyAction.Local)
        {
            byte[]? shorter = new PolicyRule(_forms[number]).Without(type, rdata);
            if (shorter is null)
            {
                return false;
            }

            rest = shorter.Length > 1 ? shorter : default;
        }

        Set(trigger, rest, out _);
        return true;
    }

    /// <summary>Makes the version. The builder is of no use afterwards.</summary>
    /// <returns>Null when there is no SOA record.</returns>
    public PolicyZone? TryBuild(in ZonePlace place)
    {
        if (_soa is null)
        {
            problems.Error(place, $"there must be a SOA record at {origin}");
            return null;
        }

        PolicyNames qnames = _qnames.Build();
        PolicyNames nsdnames = _nsdnames.Build();

        // Rules that were built up record by record have left behind what they were before.
        var rules = new PolicyRule?[_forms.Count];
        qnames.ForEach((_, _, number) => Use(number));
        nsdnames.ForEach((_, _, number) => Use(number));
        foreach (Dictionary<PolicyNetwork, int> networks in _networks.Values)
        {
            foreach (int number in networks.Values)
            {
                Use(number);
            }
        }

        return new PolicyZone(origin, _soa, _soaTtl, qnames, nsdnames, _networks.ToDictionary(n => n.Key, n => new PolicyNetworks(n.Value)), rules) { Malformed = Malformed };

        void Use(int number) => rules[number] ??= new PolicyRule(_forms[number]);
    }

    /// <summary>Sets the SOA record.</summary>
    internal void SetSoa(ReadOnlySpan<byte> rdata, uint ttl)
    {
        _soa = rdata.ToArray();
        _soaTtl = ttl;
    }

    /// <summary>Sets what is said of a name.</summary>
    internal void Set(PolicyTrigger trigger, ReadOnlySpan<byte> name, bool isWildcard, ReadOnlySpan<byte> form) =>
        (trigger == PolicyTrigger.Qname ? _qnames : _nsdnames).Set(name, isWildcard, NumberOf(form));

    /// <summary>Sets what is said of a network.</summary>
    internal void Set(PolicyTrigger trigger, PolicyNetwork network, ReadOnlySpan<byte> form) => _networks[trigger][network] = NumberOf(form);

    /// <summary>Puts a record to those that its owner has.</summary>
    private bool TryJoin(int number, PolicyAction action, DnsRecordType type, uint ttl, ReadOnlySpan<byte> rdata, out ReadOnlySpan<byte> form, out string? error)
    {
        error = null;
        form = number < 0 ? default : _forms[number];
        if (form.IsEmpty)
        {
            form = action == PolicyAction.Local ? PolicyRule.With([(byte)action], type, ttl, rdata) : [(byte)action];
            return true;
        }

        if (form[0] != (byte)action || action != PolicyAction.Local)
        {
            error = form[0] == (byte)action ? null : "the owner has a CNAME record already; beside it there must be no other record";
            return error is null;
        }

        var rule = new PolicyRule(form);
        if (rule.Has(type, rdata))
        {
            return true;
        }

        if (rule.HasAlias || type == DnsRecordType.CNAME)
        {
            error = "the owner has CNAME and other records, or two of them; the first one counts";
            return false;
        }

        form = PolicyRule.With(form, type, ttl, rdata);
        if (form.Length > ushort.MaxValue)
        {
            error = "the owner has more than 64 KiB of records";
            return false;
        }

        return true;
    }

    private int Get(in PolicyOwner owner) => owner.Trigger switch
    {
        PolicyTrigger.Qname => _qnames.Get(owner.Name, owner.IsWildcard),
        PolicyTrigger.Nsdname => _nsdnames.Get(owner.Name, owner.IsWildcard),
        _ => _networks[owner.Trigger].GetValueOrDefault(owner.Network, -1),
    };

    private bool Set(in PolicyOwner owner, ReadOnlySpan<byte> form, out string? error)
    {
        int number = form.IsEmpty ? -1 : NumberOf(form);
        bool hasRoom = true;
        if (owner.IsName)
        {
            hasRoom = (owner.Trigger == PolicyTrigger.Qname ? _qnames : _nsdnames).Set(owner.Name, owner.IsWildcard, number);
        }
        else if (number < 0)
        {
            _networks[owner.Trigger].Remove(owner.Network);
        }
        else
        {
            _networks[owner.Trigger][owner.Network] = number;
        }

        error = hasRoom ? null : "there is no room for more names";
        return hasRoom;
    }

    private int NumberOf(ReadOnlySpan<byte> form)
    {
        Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> numbers = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!numbers.TryGetValue(form, out int number))
        {
            number = _forms.Count;
            _forms.Add(form.ToArray());
            _numbers.Add(_forms[number], number);
        }

        return number;
    }

    private void Skip(DnsNameView owner, in ZonePlace place, string message)
    {
        Malformed++;
        problems.Warning(place, $"{owner.ToString()}: {message}; the record is left out");
    }

    /// <summary>Compares arrays by their octets.</summary>
    private sealed class OctetsComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static OctetsComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
