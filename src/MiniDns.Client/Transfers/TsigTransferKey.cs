using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Security;

namespace MiniDns.Client.Transfers;

/// <summary>Signs requests with a TSIG key and checks the signatures of what comes back (RFC 8945).</summary>
/// <param name="key">The key.</param>
/// <param name="time">The clock.</param>
public sealed class TsigTransferKey(TsigKey key, TimeProvider time) : ITransferKey
{
    /// <inheritdoc/>
    public string Name => key.Name.ToString();

    /// <inheritdoc/>
    public ITransferSignature Start() => new Signature(new TsigRequester(key, time));

    private sealed class Signature(TsigRequester requester) : ITransferSignature
    {
        public int MaxSize => requester.Length;

        public int Sign(Span<byte> buffer, int length) => requester.Sign(buffer, length);

        public bool TryVerify(ReadOnlySpan<byte> message, bool isLast, out string? problem)
        {
            TsigStatus status = requester.Verify(message);
            problem = status switch
            {
                TsigStatus.Good => null,
                TsigStatus.Unsigned => isLast ? "the last message is not signed" : null,
                TsigStatus.SignatureMissing => "a message that has to be signed is not",
                TsigStatus.PeerError => ReportOf(requester),
                TsigStatus.BadKey => "it is signed with another key or algorithm than the request",
                TsigStatus.BadTime => "it was signed too long ago, or one of the clocks is wrong",
                TsigStatus.BadTruncation => "its signature is cut shorter than the key allows",
                TsigStatus.Malformed => "its TSIG record is malformed",
                _ => "its signature is wrong",
            };
            return problem is null;
        }

        private static string ReportOf(TsigRequester requester) => requester.PeerError switch
        {
            DnsResponseCode.BadKey => "the server does not know the key, or not for this algorithm (BADKEY)",
            DnsResponseCode.BadVersion => "the server has another secret for the key (BADSIG)",
            DnsResponseCode.BadTime => $"the server's clock differs: it has {DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(requester.PeerTime, 253402300799)):u} (BADTIME)",
            DnsResponseCode.BadTruncation => "the server wants longer signatures (BADTRUNC)",
            DnsResponseCode code => $"the server reports the error {(int)code} about our signature",
        };
    }
}
