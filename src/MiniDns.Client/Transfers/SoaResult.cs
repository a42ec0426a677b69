namespace MiniDns.Client.Transfers;

/// <summary>What a primary answered when it was asked for a zone's SOA record.</summary>
/// <param name="Version">The primary's version, when there is no failure.</param>
/// <param name="Failure">Why it is not known; null when it is.</param>
public sealed record SoaResult(ZoneVersion Version, TransferFailure? Failure);
