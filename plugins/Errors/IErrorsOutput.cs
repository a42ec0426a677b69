using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Errors;

/// <summary>Takes what there is to tell of failures.</summary>
internal interface IErrorsOutput
{
    /// <summary>Tells of a query that failed.</summary>
    void Failed(LogLevel level, DnsQuery query, DnsResponseCode code, string reason);

    /// <summary>Tells how many failures of one kind there were.</summary>
    void Consolidated(LogLevel level, int count, string pattern, string period);
}
