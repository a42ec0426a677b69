using MiniDns.Queries;

namespace MiniDns.Plugins;

/// <summary>One link in a server block's chain.</summary>
/// <remarks>Completes synchronously unless it needs I/O; runs on a socket's thread and must not block it.</remarks>
public interface IDnsHandler
{
    /// <summary>Answers the query, passes it to the next handler, or says that it should be dropped.</summary>
    ValueTask<DnsOutcome> HandleAsync(DnsQuery query);
}
