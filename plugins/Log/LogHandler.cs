using System.Buffers.Binary;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>Writes a line for each query, on the way back.</summary>
/// <param name="next">The rest of the chain.</param>
/// <param name="rules">What to log; the first rule whose zone holds the name counts.</param>
/// <param name="lines">Takes the lines.</param>
/// <param name="time">The clock that queries' arrival was taken from.</param>
/// <param name="dropped">Counts lines that were dropped because standard output is too slow.</param>
internal sealed class LogHandler(IDnsHandler next, LogRule[] rules, ILineWriter lines, TimeProvider time, StripedCounter dropped) : WrappingHandler(next)
{
    private const int OptLength = 11;

    [ThreadStatic]
    private static byte[]? t_line;

    /// <inheritdoc/>
    protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
    {
        DnsNameView name = query.AskedName;
        foreach (LogRule rule in rules)
        {
            if (name.IsSubdomainOf(rule.Zone.View))
            {
                ReplyKind kind = ReplyKinds.Of(query, outcome);
                if ((rule.Classes & ReplyKinds.ClassOf(kind)) != 0)
                {
                    Write(rule.Format, query, outcome, kind);
                }

                break;
            }
        }

        return outcome;
    }

    private void Write(LogFormat format, DnsQuery query, DnsOutcome outcome, ReplyKind kind)
    {
        byte[] line = t_line is { } kept && kept.Length >= format.MaxLength ? kept : t_line = GC.AllocateUninitializedArray<byte>(format.MaxLength);
        DnsResponseCode code = outcome == DnsOutcome.Unclaimed ? DnsResponseCode.ServerFailure : query.Response.Code;
        (int length, ushort flags) = format.NeedsReply ? Reply(query, outcome) : default;
        long elapsed = Math.Max(0, time.GetTimestamp() - query.ReceivedAt);
        long nanoseconds = time.TimestampFrequency == 1_000_000_000 ? elapsed : (long)((Int128)elapsed * 1_000_000_000 / time.TimestampFrequency);
        LogEntry entry = new(query, kind, nanoseconds, outcome != DnsOutcome.Dropped, code, length, flags);
        if (!lines.TryWrite(line.AsSpan(0, format.Write(entry, line))))
        {
            dropped.Increment();
        }
    }

    /// <summary>The reply's length in octets, and its flags.</summary>
    private static (int Length, ushort Flags) Reply(DnsQuery query, DnsOutcome outcome)
    {
        switch (outcome)
        {
            case DnsOutcome.Dropped:
                return default;
            case DnsOutcome.Unclaimed:
                // The server will say SERVFAIL.
                int flags = DnsHeader.ResponseFlag | (query.Header.Flags & (0x7800 | DnsHeader.RecursionDesiredFlag | DnsHeader.CheckingDisabledFlag));
                return (query.QuestionEnd + (query.RepliesWithEdns ? OptLength + query.Response.Options.Length : 0), (ushort)flags);
            default:
                // Encoding twice is what the size and the flags cost; only the encoder knows what fits.
                int length = ResponseEncoder.Encode(query);
                return (length, BinaryPrimitives.ReadUInt16BigEndian(query.SendBuffer.AsSpan(2)));
        }
    }
}
