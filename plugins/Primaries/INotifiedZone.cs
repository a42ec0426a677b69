using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Primaries;

/// <summary>A zone whose primaries tell of changes (RFC 1996).</summary>
internal interface INotifiedZone
{
    /// <summary>The zone's name.</summary>
    DnsName Origin { get; }

    /// <summary>True when an address is one of the primaries'.</summary>
    bool IsPrimary(in ClientAddress client);

    /// <summary>True when a key is one of the primaries'.</summary>
    bool IsPrimaryKey(DnsName name);

    /// <summary>Notes that there may be a newer version (RFC 1996 §3.11).</summary>
    /// <param name="from">Who says so: it is asked first.</param>
    /// <param name="serial">The serial number it tells, if it does.</param>
    void Notify(in ClientAddress from, uint? serial);
}
