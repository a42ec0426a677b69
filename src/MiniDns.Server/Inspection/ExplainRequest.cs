using System.Net;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Server.Inspection;

/// <summary>A query to be explained.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
public sealed record ExplainRequest(DnsName Name, DnsRecordType Type)
{
    /// <summary>Who asks.</summary>
    public IPAddress Client { get; init; } = IPAddress.Loopback;

    /// <summary>How the query comes; null for the way that the first address where some block takes it is asked, UDP for plain DNS.</summary>
    public DnsTransport? Transport { get; init; }

    /// <summary>Asks for DNSSEC records (DO).</summary>
    public bool DnssecOk { get; init; }

    /// <summary>Asks for recursion (RD).</summary>
    public bool Recurse { get; init; } = true;

    /// <summary>The port it comes to; null for the first address where some block takes it.</summary>
    public int? ServerPort { get; init; }

    /// <summary>How long plugins may take to become ready, and how long the answer may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);
}
