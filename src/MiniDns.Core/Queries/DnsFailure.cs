using MiniDns.Protocol.Messages;

namespace MiniDns.Queries;

/// <summary>Why a query could not be answered well; the <c>errors</c> plugin logs it.</summary>
/// <param name="Code">The response code the client gets.</param>
/// <param name="Reason">What happened, for the log.</param>
/// <param name="Cause">The exception behind it, if there was one.</param>
public sealed record DnsFailure(DnsResponseCode Code, string Reason, Exception? Cause = null);
