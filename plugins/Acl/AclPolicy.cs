using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Acl;

/// <summary>One line of the directive.</summary>
/// <param name="Action">What it does to queries that it is for.</param>
/// <param name="Types">The types that it is for; null for all.</param>
/// <param name="Sources">The clients that it is for; null for all.</param>
internal sealed record AclPolicy(AclAction Action, TypeSet? Types, AddressSet? Sources)
{
    /// <summary>True when nothing that comes behind it counts.</summary>
    public bool IsForEverything => Types is null && Sources is null;

    /// <summary>True when it is for questions of a type.</summary>
    public bool IsFor(DnsRecordType type) => Types is null || Types.Contains(type);

    /// <summary>True when it is for a client.</summary>
    public bool IsFor(in ClientAddress client) => Sources is null || Sources.Contains(client);
}
