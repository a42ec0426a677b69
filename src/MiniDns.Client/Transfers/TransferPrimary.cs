using System.Net;

namespace MiniDns.Client.Transfers;

/// <summary>A server that a zone is transferred from.</summary>
/// <param name="Address">Its address and port.</param>
/// <param name="Key">The key that questions to it are signed with; null for none.</param>
public sealed record TransferPrimary(IPEndPoint Address, ITransferKey? Key = null)
{
    /// <summary>Address and port.</summary>
    public override string ToString() => Address.ToString();
}
