using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;
using MiniDns.Queries;

namespace MiniDns.Plugins.Tsig;

/// <summary>Checks signed queries, refuses unsigned ones that have to be signed, and has the replies to signed ones signed.</summary>
internal sealed class TsigHandler(IDnsHandler next, TsigOptions options, TsigKeys keys, TimeProvider time, ILogger logger) : WrappingHandler(next)
{
    private readonly DnsName[] _zones = [.. options.Zones];

    /// <inheritdoc/>
    protected override DnsOutcome? Before(DnsQuery query)
    {
        bool isSigned = query.TsigOffset > 0;
        if ((!isSigned && !options.Requires(query.Type, query.Header.Opcode)) || !IsInZones(query.LowerName))
        {
            return null;
        }

        if (!isSigned)
        {
            Say(query, TsigStatus.Unsigned);
            return query.Refuse();
        }

        TsigStatus status = query.VerifyTsig(keys.All, time);
        if (status == TsigStatus.Good)
        {
            return null;
        }

        Say(query, status);
        return query.Reply(status == TsigStatus.Malformed ? DnsResponseCode.FormatError : DnsResponseCode.NotAuthoritative);
    }

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        // What an upstream says to be authentic came to us without a signature: ours must not vouch for it (RFC 8945 §5.5).
        if (query.Tsig is not null && (query.Response.Flags & DnsResponseFlags.Authoritative) == 0)
        {
            query.Response.Flags &= ~DnsResponseFlags.AuthenticData;
        }

        return outcome;
    }

    private bool IsInZones(DnsNameView name)
    {
        foreach (DnsName zone in _zones)
        {
            if (name.IsSubdomainOf(zone.View))
            {
                return true;
            }
        }

        return false;
    }

    private void Say(DnsQuery query, TsigStatus status)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            string key = query.Tsig is { } tsig ? tsig.KeyName.ToString() : "none";
            TsigLog.Rejected(logger, query.Client.ToString(), query.AskedName.ToString(), query.Type, status, key);
        }
    }
}
