using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Plugins.Capabilities;

/// <summary>A server that queries are sent on to.</summary>
public interface IUpstreamLink
{
    /// <summary>Its address and port, <c>192.0.2.1:53</c>.</summary>
    string Name { get; }

    /// <summary>True while no query is to be sent there.</summary>
    bool IsOff { get; set; }

    /// <summary>Asks this server one question, even while it is off, and once.</summary>
    /// <param name="name">The name to ask.</param>
    /// <param name="type">The type to ask.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>True when any answer came.</returns>
    Task<bool> AskAsync(DnsName name, DnsRecordType type, CancellationToken cancellationToken);
}
