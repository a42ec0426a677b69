using System.Net;
using MiniDns.Plugins.Authority;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Transfer;

/// <summary>Who may have transfers: one address of <c>to</c>, or everybody.</summary>
/// <param name="Server">The address, whose port is that of notifications; null for <c>*</c>.</param>
/// <param name="Key">The key that its requests have to be signed with, and that notifications to it are signed with; null for none.</param>
internal sealed record TransferPeer(IPEndPoint? Server, NamedKey? Key)
{
    private readonly ClientAddress _client = Server is null ? default : ClientAddress.From(Server);

    /// <summary>True when it may be this one that asks. Ports do not matter, nor scopes that are not given.</summary>
    /// <param name="client">The client's address.</param>
    /// <param name="signedWith">The key that the request is signed with, and well; null when it is not.</param>
    public bool Is(in ClientAddress client, DnsName? signedWith) =>
        (Server is null || _client.IsIn(client, client.IsIPv6 ? 128 : 32)) && (Key is null || Key.KeyName == signedWith);
}
