using System.Security.Cryptography;

namespace MiniDns.Protocol.Security;

/// <summary>A MAC with a hash that the platform has. Its native handle is left to the finalizer, like that of any pooled object.</summary>
internal sealed class PlatformTsigMac(HashAlgorithmName hash, ReadOnlySpan<byte> secret) : TsigMac
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(hash, secret);

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> octets) => _hash.AppendData(octets);

    /// <inheritdoc/>
    public override void Finish(Span<byte> destination) => _hash.GetHashAndReset(destination);
}
