using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Rpz;

/// <summary>One version of a policy zone. Immutable; some 35 octets a name.</summary>
internal sealed class PolicyZone
{
    private const int BlockSize = 64 * 1024;

    private readonly PolicyNames _qnames;
    private readonly PolicyNames _nsdnames;
    private readonly PolicyNetworks _clients;
    private readonly PolicyNetworks _addresses;
    private readonly PolicyNetworks _servers;
    private readonly PolicyRule?[] _rules;

    /// <summary>Made by <see cref="PolicyBuilder"/>.</summary>
    internal PolicyZone(DnsName origin, byte[] soa, uint soaTtl, PolicyNames qnames, PolicyNames nsdnames, IReadOnlyDictionary<PolicyTrigger, PolicyNetworks> networks, PolicyRule?[] rules)
    {
        Origin = origin;
        Soa = soa;
        SoaTtl = soaTtl;
        _qnames = qnames;
        _nsdnames = nsdnames;
        _clients = networks[PolicyTrigger.ClientIp];
        _addresses = networks[PolicyTrigger.ResponseIp];
        _servers = networks[PolicyTrigger.Nsip];
        _rules = rules;
        Octets = _qnames.Octets + _nsdnames.Octets + _clients.Octets + _addresses.Octets + _servers.Octets + rules.Sum(r => 8L + (r?.Octets ?? 0));
    }

    /// <summary>The zone's name.</summary>
    public DnsName Origin { get; }

    /// <summary>The rdata of its SOA record.</summary>
    public byte[] Soa { get; }

    /// <summary>The TTL of its SOA record, in seconds.</summary>
    public uint SoaTtl { get; }

    /// <summary>Its serial number.</summary>
    public uint Serial => BinaryPrimitives.ReadUInt32BigEndian(Soa.AsSpan()[^20..]);

    /// <summary>The memory taken, in octets.</summary>
    public long Octets { get; }

    /// <summary>How many records were malformed, of those that it was made of.</summary>
    public int Malformed { get; init; }

    /// <summary>True when answers have to be looked at, not only questions.</summary>
    public bool LooksAtAnswers => _addresses.Count > 0 || LooksAtServers;

    /// <summary>True when the name servers of names have to be found.</summary>
    public bool LooksAtServers => _nsdnames.Count > 0 || LooksAtServerAddresses;

    /// <summary>True when the addresses of name servers have to be found.</summary>
    public bool LooksAtServerAddresses => _servers.Count > 0;

    /// <summary>How many rules there are for a trigger.</summary>
    public int Count(PolicyTrigger trigger) => trigger switch
    {
        PolicyTrigger.Qname => _qnames.Count,
        PolicyTrigger.Nsdname => _nsdnames.Count,
        _ => NetworksOf(trigger).Count,
    };

    /// <summary>Finds the rule for a name.</summary>
    /// <param name="trigger">For which of the two triggers with names.</param>
    /// <param name="name">The name, in lower case.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="length">How many octets of the name matched (<see cref="PolicyNames.Find"/>).</param>
    public PolicyRule? Find(PolicyTrigger trigger, DnsNameView name, ulong hash, out int length)
    {
        int number = (trigger == PolicyTrigger.Qname ? _qnames : _nsdnames).Find(name, hash, out length);
        return number < 0 ? null : _rules[number];
    }

    /// <summary>Finds the rule for an address.</summary>
    /// <param name="trigger">For which of the triggers with addresses.</param>
    /// <param name="address">The address (<see cref="PolicyNetwork.BitsOf(ReadOnlySpan{byte})"/>).</param>
    /// <param name="network">The network that holds it.</param>
    public PolicyRule? Find(PolicyTrigger trigger, UInt128 address, out PolicyNetwork network)
    {
        int number = NetworksOf(trigger).Find(address, out network);
        return number < 0 ? null : _rules[number];
    }

    /// <summary>Adds all that the zone says to a builder.</summary>
    internal void CopyTo(PolicyBuilder builder)
    {
        builder.SetSoa(Soa, SoaTtl);
        foreach ((PolicyTrigger trigger, PolicyNames names) in (ReadOnlySpan<(PolicyTrigger, PolicyNames)>)[(PolicyTrigger.Qname, _qnames), (PolicyTrigger.Nsdname, _nsdnames)])
        {
            names.ForEach((name, isWildcard, number) => builder.Set(trigger, name.Wire, isWildcard, _rules[number]!.Form));
        }

        ForEachNetwork((trigger, network, rule) => builder.Set(trigger, network, rule.Form));
    }

    /// <summary>Writes the zone as a zone file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(Stream file)
    {
        var buffer = new ArrayBufferWriter<byte>(BlockSize);
        var writer = new ZoneFileWriter(buffer);
        byte[] owner = new byte[DnsNameView.MaxLength];
        writer.Write(Origin.View, SoaTtl, DnsRecordClass.IN, DnsRecordType.SOA, Soa);
        foreach ((PolicyTrigger trigger, PolicyNames names) in (ReadOnlySpan<(PolicyTrigger, PolicyNames)>)[(PolicyTrigger.Qname, _qnames), (PolicyTrigger.Nsdname, _nsdnames)])
        {
            names.ForEach((name, isWildcard, number) =>
            {
                PolicyOwner.Write(trigger, name, isWildcard, Origin.View, owner, out int length);
                Put(length, _rules[number]!);
            });
        }

        ForEachNetwork((trigger, network, rule) =>
        {
            PolicyOwner.Write(trigger, network, Origin.View, owner, out int length);
            Put(length, rule);
        });
        file.Write(buffer.WrittenSpan);

        void Put(int length, PolicyRule rule)
        {
            var name = new DnsNameView(owner.AsSpan(0, length));
            if (PolicyRecords.AliasOf(rule.Action) is { } alias)
            {
                writer.Write(name, SoaTtl, DnsRecordClass.IN, DnsRecordType.CNAME, alias.Wire);
            }

            foreach (PolicyRule.Record record in rule)
            {
                writer.Write(name, record.Ttl, DnsRecordClass.IN, record.Type, record.Rdata);
            }

            if (buffer.WrittenCount >= BlockSize)
            {
                file.Write(buffer.WrittenSpan);
                buffer.ResetWrittenCount();
            }
        }
    }

    /// <summary>What the zone has, for the log.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (PolicyTrigger trigger in Enum.GetValues<PolicyTrigger>())
        {
            if (Count(trigger) > 0)
            {
                text.Append(text.Length > 0 ? ", " : "").Append(Count(trigger)).Append(' ').Append(PolicyText.Of(trigger));
            }
        }

        return text.Length > 0 ? text.ToString() : "none";
    }

    private PolicyNetworks NetworksOf(PolicyTrigger trigger) => trigger switch
    {
        PolicyTrigger.ClientIp => _clients,
        PolicyTrigger.ResponseIp => _addresses,
        _ => _servers,
    };

    private void ForEachNetwork(Action<PolicyTrigger, PolicyNetwork, PolicyRule> visit)
    {
        foreach (PolicyTrigger trigger in (ReadOnlySpan<PolicyTrigger>)[PolicyTrigger.ClientIp, PolicyTrigger.ResponseIp, PolicyTrigger.Nsip])
        {
            Dictionary<PolicyNetwork, int> networks = [];
            NetworksOf(trigger).CopyTo(networks);
            foreach ((PolicyNetwork network, int number) in networks)
            {
                visit(trigger, network, _rules[number]!);
            }
        }
    }
}
