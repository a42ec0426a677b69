using System.Buffers.Binary;
using MiniDns.Cluster.Objects;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.K8sExternal;

/// <summary>Puts records into a response, each once, as long as there is room.</summary>
internal ref struct ExternalWriter(DnsResponse response, uint ttl)
{
    /// <summary>What the records may take of a response's memory, in octets; more would not fit into a message either.</summary>
    private const int Limit = 65_000;

    private readonly DnsResponse _response = response;
    private readonly uint _ttl = ttl;
    private int _used;

    /// <summary>Adds an address, if it is of the type's family.</summary>
    /// <returns>True when it is.</returns>
    public bool Address(DnsSection section, scoped DnsNameView owner, DnsRecordType type, ClusterAddress address)
    {
        DnsRecordType own = address.IsIPv4 ? DnsRecordType.A : DnsRecordType.AAAA;
        if (type != own && section == DnsSection.Answer)
        {
            return false;
        }

        Span<byte> octets = stackalloc byte[16];
        Add(section, owner, own, octets[..address.CopyTo(octets)]);
        return true;
    }

    /// <summary>Adds a record whose rdata is a name.</summary>
    public void Name(scoped DnsNameView owner, DnsRecordType type, scoped DnsNameView target) => Add(DnsSection.Answer, owner, type, target.Wire);

    /// <summary>Adds a service record of priority 0.</summary>
    public void Service(scoped DnsNameView owner, ushort weight, int port, scoped DnsNameView target)
    {
        Span<byte> rdata = stackalloc byte[6 + DnsNameView.MaxLength];
        rdata[..2].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(rdata[2..], weight);
        BinaryPrimitives.WriteUInt16BigEndian(rdata[4..], (ushort)port);
        target.Wire.CopyTo(rdata[6..]);
        Add(DnsSection.Answer, owner, DnsRecordType.SRV, rdata[..(6 + target.Length)]);
    }

    /// <summary>Adds a zone's SOA record.</summary>
    public void Soa(DnsSection section, ExternalZone zone, uint serial)
    {
        Span<byte> rdata = stackalloc byte[(2 * DnsNameView.MaxLength) + 20];
        zone.Server.Wire.CopyTo(rdata);
        int at = zone.Server.Length;
        zone.HostMaster.Wire.CopyTo(rdata[at..]);
        at += zone.HostMaster.Length;
        foreach (uint number in (ReadOnlySpan<uint>)[serial, 7200, 1800, 86400, _ttl])
        {
            BinaryPrimitives.WriteUInt32BigEndian(rdata[at..], number);
            at += 4;
        }

        Add(section, zone.Name.View, DnsRecordType.SOA, rdata[..at]);
    }

    private void Add(DnsSection section, scoped DnsNameView owner, DnsRecordType type, scoped ReadOnlySpan<byte> rdata)
    {
        foreach (ref readonly ResponseEntry entry in _response.Entries)
        {
            if (entry.Type == type && entry.Section == section && _response.RdataOf(entry).SequenceEqual(rdata) && _response.OwnerOf(entry).Wire.SequenceEqual(owner.Wire))
            {
                return;
            }
        }

        _used += owner.Length + rdata.Length;
        if (_used > Limit)
        {
            _response.Flags |= DnsResponseFlags.Truncated;
            return;
        }

        // hosts of service records are called as those say, whatever the case of the question (RFC 4343 §4.1)
        _response.AddSynthesized(section, owner, type, DnsRecordClass.IN, _ttl, rdata, keepsCase: section == DnsSection.Additional);
    }
}
