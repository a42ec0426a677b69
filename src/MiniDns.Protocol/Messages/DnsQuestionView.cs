using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Messages;

/// <summary>A question, by its place in a message.</summary>
/// <param name="NameOffset">Where the name starts.</param>
/// <param name="End">The offset after the question.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="Class">The class asked for.</param>
public readonly record struct DnsQuestionView(int NameOffset, int End, DnsRecordType Type, DnsRecordClass Class);
