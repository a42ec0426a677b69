using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Errors;

/// <summary>Lines like CoreDNS's, among those of the other plugins.</summary>
internal sealed class ErrorsText(ILogger log) : IErrorsOutput
{
    /// <inheritdoc/>
    public void Failed(LogLevel level, DnsQuery query, DnsResponseCode code, string reason)
    {
        if (log.IsEnabled(level))
        {
            string name = query.LowerName.ToString();
            string type = DnsTypeText.Format(query.Type);
            ErrorsLog.Failed(log, level, (int)code, name, type, reason);
        }
    }

    /// <inheritdoc/>
    public void Consolidated(LogLevel level, int count, string pattern, string period) => ErrorsLog.Consolidated(log, level, count, pattern, period);
}
