using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Errors;

/// <summary>Logs why a query failed, on the way back.</summary>
internal sealed class ErrorsHandler(IDnsHandler next, ErrorsConsolidation consolidation, IErrorsOutput output) : WrappingHandler(next)
{
    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        if (outcome == DnsOutcome.Unclaimed)
        {
            Report(query, DnsResponseCode.ServerFailure, "no next plugin found");
        }
        else if (query.Failure is { } failure)
        {
            Report(query, failure.Code, failure.Reason);
        }

        return outcome;
    }

    private void Report(DnsQuery query, DnsResponseCode code, string reason)
    {
        LogLevel level = LogLevel.Error;
        if (consolidation.Find(reason) is { } tally)
        {
            if (tally.Add())
            {
                return;
            }

            level = tally.Rule.Level;
        }

        output.Failed(level, query, code, reason);
    }
}
