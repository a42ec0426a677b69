namespace MiniDns.Client.Transfers;

/// <summary>How a transfer ended.</summary>
/// <param name="Kind">What it brought, when it did not fail.</param>
/// <param name="Serial">The serial number of the version that it led to.</param>
/// <param name="Failure">Why it failed; null when it did not.</param>
/// <param name="Octets">Octets of all messages.</param>
/// <param name="Records">Records handed on.</param>
/// <param name="Foreign">Records left out because they are not in the zone.</param>
public sealed record TransferResult(TransferKind Kind, uint Serial, TransferFailure? Failure, long Octets = 0, long Records = 0, long Foreign = 0);
