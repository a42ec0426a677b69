using MiniDns.Protocol.Messages;
using MiniDns.Queries;

namespace MiniDns.Plugins.Log;

/// <summary>What a line tells about one query, as far as the query itself does not.</summary>
/// <param name="Query">The query.</param>
/// <param name="Kind">What the reply amounts to.</param>
/// <param name="Nanoseconds">How long the query took so far, in nanoseconds.</param>
/// <param name="HasReply">False when nothing is sent.</param>
/// <param name="Code">The reply's response code.</param>
/// <param name="ReplyLength">The reply's length in octets.</param>
/// <param name="ReplyFlags">The reply's flags, as in its header.</param>
internal readonly record struct LogEntry(
    DnsQuery Query, ReplyKind Kind, long Nanoseconds, bool HasReply, DnsResponseCode Code, int ReplyLength, ushort ReplyFlags);
