namespace MiniDns.IntegrationTests.Transfers;

/// <summary>A TSIG key that both sides of a transfer know.</summary>
/// <param name="Algorithm">Its algorithm, <c>hmac-sha256</c> for instance.</param>
internal sealed record TransferKey(string Algorithm)
{
    public const string Name = "transfers";
    public const string Secret = "NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=";

    /// <summary>How dig and kdig are told of it.</summary>
    public IReadOnlyList<string> Arguments => ["-y", $"{Algorithm}:{Name}:{Secret}"];
}
