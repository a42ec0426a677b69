namespace MiniDns.Protocol.Security;

/// <summary>HMAC (RFC 2104) with SHA-224.</summary>
internal sealed class HmacSha224Mac : TsigMac
{
    private readonly Sha224 _hash = new();
    private readonly byte[] _inner = new byte[Sha224.BlockLength];
    private readonly byte[] _outer = new byte[Sha224.BlockLength];

    /// <summary>Takes a secret; one that is longer than a block counts as its hash.</summary>
    public HmacSha224Mac(ReadOnlySpan<byte> secret)
    {
        Span<byte> key = stackalloc byte[Sha224.BlockLength];
        key.Clear();
        if (secret.Length > Sha224.BlockLength)
        {
            _hash.Append(secret);
            _hash.Finish(key);
        }
        else
        {
            secret.CopyTo(key);
        }

        for (int i = 0; i < Sha224.BlockLength; i++)
        {
            _inner[i] = (byte)(key[i] ^ 0x36);
            _outer[i] = (byte)(key[i] ^ 0x5C);
        }

        _hash.Append(_inner);
    }

    /// <inheritdoc/>
    public override void Append(ReadOnlySpan<byte> octets) => _hash.Append(octets);

    /// <inheritdoc/>
    public override void Finish(Span<byte> destination)
    {
        Span<byte> inner = stackalloc byte[Sha224.HashLength];
        _hash.Finish(inner);
        _hash.Append(_outer);
        _hash.Append(inner);
        _hash.Finish(destination);
        _hash.Append(_inner);
    }
}
