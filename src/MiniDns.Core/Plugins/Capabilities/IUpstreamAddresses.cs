using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Capabilities;

/// <summary>A plugin that sends queries to other servers, so that a check of the configuration can see where they go.</summary>
public interface IUpstreamAddresses
{
    /// <summary>The zones whose queries are sent.</summary>
    IReadOnlyList<DnsName> Zones { get; }

    /// <summary>Where they are sent in plain DNS, as far as the configuration gives addresses.</summary>
    IReadOnlyList<IPEndPoint> Addresses { get; }

    /// <summary>The place in the Corefile.</summary>
    SourceSpan Span { get; }
}
