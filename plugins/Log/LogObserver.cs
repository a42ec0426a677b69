using System.Buffers.Binary;
using MiniDns.Diagnostics;
using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>Writes the lines of one rule, each when its reply is encoded.</summary>
/// <param name="rule">The rule.</param>
/// <param name="classes">The replies that are logged.</param>
/// <param name="lines">Takes the lines.</param>
/// <param name="time">The clock that queries' arrival was taken from.</param>
/// <param name="dropped">Counts lines that were dropped because standard output is too slow.</param>
internal sealed class LogObserver(LogRule rule, LogClasses classes, ILineWriter lines, TimeProvider time, StripedCounter dropped) : IReplyObserver
{
    private readonly long _slower = (long)(rule.Slower.TotalSeconds * time.TimestampFrequency);

    /// <summary>True when no line is ever written.</summary>
    public bool IsMute => classes == LogClasses.None;

    /// <inheritdoc/>
    public void Finished(DnsQuery query, int replyLength)
    {
        ushort flags = replyLength == 0 ? default : BinaryPrimitives.ReadUInt16BigEndian(query.SendBuffer.AsSpan(2));
        Write(query, replyLength == 0 ? DnsOutcome.Dropped : DnsOutcome.Replied, query.Response.Code, replyLength, flags);
    }

    /// <summary>Writes a query's line, if it is to have one.</summary>
    /// <param name="query">The query.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="code">The reply's code.</param>
    /// <param name="replyLength">The reply's length in octets.</param>
    /// <param name="flags">The reply's flags.</param>
    public void Write(DnsQuery query, DnsOutcome outcome, DnsResponseCode code, int replyLength, ushort flags)
    {
        long elapsed = Math.Max(0, time.GetTimestamp() - query.ReceivedAt);
        LogClasses wanted = elapsed < _slower ? classes & rule.AlwaysSlow : classes;
        if (wanted == LogClasses.None)
        {
            return;
        }

        ReplyKind kind = ReplyKinds.Of(query, outcome);
        if ((wanted & ReplyKinds.ClassOf(kind)) == 0)
        {
            return;
        }

        long nanoseconds = time.TimestampFrequency == 1_000_000_000 ? elapsed : (long)((Int128)elapsed * 1_000_000_000 / time.TimestampFrequency);
        LogEntry entry = new(query, kind, nanoseconds, outcome != DnsOutcome.Dropped, code, replyLength, flags);
        if (!lines.TryWrite(rule.Format.Write(entry)))
        {
            dropped.Increment();
        }
    }
}
