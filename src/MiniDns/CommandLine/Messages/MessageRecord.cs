namespace MiniDns.CommandLine.Messages;

/// <summary>A record as text.</summary>
/// <param name="Owner">The owner name.</param>
/// <param name="Ttl">The time to live, in seconds.</param>
/// <param name="Class">The class.</param>
/// <param name="Type">The type.</param>
/// <param name="Data">The rdata in presentation form.</param>
internal sealed record MessageRecord(string Owner, uint Ttl, string Class, string Type, string Data);
