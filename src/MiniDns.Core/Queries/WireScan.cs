using MiniDns.Protocol.Messages;

namespace MiniDns.Queries;

/// <summary>What one pass over a response message finds.</summary>
/// <param name="Code">The response code, EDNS bits included.</param>
/// <param name="QuestionEnd">The offset after the question.</param>
/// <param name="RecordCount">How many records there are, OPT and TSIG not counted.</param>
/// <param name="BodyLength">The message's length without OPT and TSIG, in octets.</param>
/// <param name="OptOffset">Where the OPT record starts, or -1.</param>
/// <param name="OptLength">The whole OPT record's length, in octets.</param>
/// <param name="OptIsLast">False when ordinary records stand behind OPT, which then cannot simply be cut off.</param>
/// <param name="MinimumTtl">The smallest TTL of all records, in seconds; <see cref="uint.MaxValue"/> when there are none.</param>
public readonly record struct WireScan(
    DnsResponseCode Code,
    int QuestionEnd,
    int RecordCount,
    int BodyLength,
    int OptOffset,
    int OptLength,
    bool OptIsLast,
    uint MinimumTtl);
