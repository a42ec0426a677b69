using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MiniDns.Protocol.Names;

namespace MiniDns.Protocol.Security;

/// <summary>A key of a zone that signs RRsets: its DNSKEY record and what belongs to it in private (RFC 4034 §2 and §3).</summary>
/// <remarks>For use by many threads. The private part is never shown.</remarks>
public sealed class SigningKey
{
    /// <summary>The octets of RRSIG rdata before the signer's name.</summary>
    private const int SignatureOverhead = 18;

    private const ushort ZoneKeyFlag = 0x0100;
    private const ushort EntryPointFlag = 0x0001;

    private static readonly int Spares = Math.Clamp(Environment.ProcessorCount, 2, 16);

    private readonly byte[] _rdata;
    private readonly Func<AsymmetricAlgorithm> _open;

    // What signs is not said to be safe for several threads at once, and takes a while to make.
    private readonly AsymmetricAlgorithm?[] _idle = new AsymmetricAlgorithm?[Spares];

    private SigningKey(DnsName owner, uint ttl, byte[] rdata, Func<AsymmetricAlgorithm> open)
    {
        Owner = owner;
        Ttl = ttl;
        _rdata = rdata;
        _open = open;
        Tag = TagOf(rdata);
    }

    /// <summary>The owner of the key's record, in lower case.</summary>
    public DnsName Owner { get; }

    /// <summary>The record's time to live, in seconds.</summary>
    public uint Ttl { get; }

    /// <summary>The record's rdata.</summary>
    public ReadOnlyMemory<byte> Rdata => _rdata;

    /// <summary>The key tag (RFC 4034 appendix B).</summary>
    public ushort Tag { get; }

    /// <summary>The algorithm.</summary>
    public DnssecAlgorithm Algorithm => (DnssecAlgorithm)_rdata[3];

    /// <summary>True for a key-signing key: the flag SEP is set (RFC 4034 §2.1.1).</summary>
    public bool IsEntryPoint => (BinaryPrimitives.ReadUInt16BigEndian(_rdata) & EntryPointFlag) != 0;

    /// <summary>Puts the two parts of a key together, and tries them.</summary>
    /// <param name="owner">The owner of the DNSKEY record.</param>
    /// <param name="ttl">The record's time to live, in seconds.</param>
    /// <param name="rdata">The record's rdata.</param>
    /// <param name="text">The private part.</param>
    /// <param name="key">The key.</param>
    /// <param name="field">The field of the private part that is wrong; null when the record is.</param>
    /// <param name="error">What is wrong, and what would be right.</param>
    public static bool TryCreate(
        DnsName owner,
        uint ttl,
        ReadOnlySpan<byte> rdata,
        PrivateKeyText text,
        [NotNullWhen(true)] out SigningKey? key,
        out string? field,
        [NotNullWhen(false)] out string? error)
    {
        key = null;
        field = null;
        if (rdata.Length < 8 || rdata[2] != 3 || (BinaryPrimitives.ReadUInt16BigEndian(rdata) & ZoneKeyFlag) == 0)
        {
            error = "the record is no zone key, with which alone RRsets are signed: its flags have to be 256 or 257, its protocol 3 (RFC 4034 section 2.1)";
            return false;
        }

        if (!DnssecAlgorithmTraits.IsSupported(rdata[3], out error))
        {
            return false;
        }

        if (text.Algorithm != rdata[3])
        {
            field = "Algorithm";
            error = $"'Algorithm: {rdata[3]}' is expected, as in the public key";
            return false;
        }

        var algorithm = (DnssecAlgorithm)rdata[3];
        Func<AsymmetricAlgorithm>? open = algorithm.IsElliptic()
            ? KeyParts.Elliptic(algorithm, rdata[4..], text, out field, out error)
            : KeyParts.Rsa(rdata[4..], text, out field, out error);
        if (open is null)
        {
            error ??= "the key cannot be read";
            return false;
        }

        var made = new SigningKey(owner.ToLower(), ttl, rdata.ToArray(), open);
        if (!made.Works())
        {
            field = algorithm.IsElliptic() ? "PrivateKey" : "PrivateExponent";
            error = "the private key does not belong to the public key; the two files have to come from one run of dnssec-keygen";
            return false;
        }

        key = made;
        error = null;
        return true;
    }

    /// <summary>The key tag of a DNSKEY record's rdata (RFC 4034 appendix B; algorithm 1 is not regarded).</summary>
    public static ushort TagOf(ReadOnlySpan<byte> rdata)
    {
        uint sum = 0;
        for (int i = 0; i < rdata.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)rdata[i] << 8 : rdata[i];
        }

        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>Signs an RRset.</summary>
    /// <param name="records">The RRset, complete.</param>
    /// <param name="inception">When the signature's validity starts, in seconds since 1970.</param>
    /// <param name="expiration">When it ends.</param>
    /// <returns>The rdata of the RRSIG record (RFC 4034 §3.1).</returns>
    /// <exception cref="CryptographicException">The system's cryptography failed.</exception>
    public byte[] Sign(CanonicalRRset records, uint inception, uint expiration)
    {
        ArgumentNullException.ThrowIfNull(records);
        Span<byte> head = stackalloc byte[SignatureOverhead + DnsNameView.MaxLength];
        records.TypeAndClass[..2].CopyTo(head);
        head[2] = (byte)Algorithm;
        head[3] = records.Labels;
        records.OriginalTtl.CopyTo(head[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], expiration);
        BinaryPrimitives.WriteUInt32BigEndian(head[12..], inception);
        BinaryPrimitives.WriteUInt16BigEndian(head[16..], Tag);
        records.Signer.CopyTo(head[SignatureOverhead..]);
        head = head[..(SignatureOverhead + records.Signer.Length)];
        byte[] signature = SignHash(HashOf(Algorithm, head, records));
        byte[] rdata = new byte[head.Length + signature.Length];
        head.CopyTo(rdata);
        signature.CopyTo(rdata, head.Length);
        return rdata;
    }

    /// <summary>Tells whether a signature over an RRset was made with this key; its times are not looked at.</summary>
    /// <param name="records">The RRset, complete.</param>
    /// <param name="signature">The rdata of the RRSIG record.</param>
    public bool Verify(CanonicalRRset records, ReadOnlySpan<byte> signature)
    {
        ArgumentNullException.ThrowIfNull(records);
        int head = SignatureOverhead + records.Signer.Length;
        return signature.Length > head
            && signature[SignatureOverhead..head].SequenceEqual(records.Signer)
            && VerifyHash(HashOf(Algorithm, signature[..head], records), signature[head..]);
    }

    /// <summary>What is signed (RFC 4034 §3.1.8.1), hashed.</summary>
    private static byte[] HashOf(DnssecAlgorithm algorithm, ReadOnlySpan<byte> head, CanonicalRRset records)
    {
        using var hash = IncrementalHash.CreateHash(algorithm.Hash());
        hash.AppendData(head);
        ReadOnlySpan<byte> rest = records.Records;
        while (!rest.IsEmpty)
        {
            int length = 2 + BinaryPrimitives.ReadUInt16BigEndian(rest);
            hash.AppendData(records.Owner);
            hash.AppendData(records.TypeAndClass);
            hash.AppendData(records.OriginalTtl);
            hash.AppendData(rest[..length]);
            rest = rest[length..];
        }

        return hash.GetHashAndReset();
    }

    private byte[] SignHash(byte[] hash)
    {
        AsymmetricAlgorithm signer = Rent();
        byte[] signature = signer is RSA rsa
            ? rsa.SignHash(hash, Algorithm.Hash(), RSASignaturePadding.Pkcs1)
            : ((ECDsa)signer).SignHash(hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Return(signer);
        return signature;
    }

    private bool VerifyHash(byte[] hash, ReadOnlySpan<byte> signature)
    {
        AsymmetricAlgorithm signer = Rent();
        bool isGood = signer is RSA rsa
            ? rsa.VerifyHash(hash, signature, Algorithm.Hash(), RSASignaturePadding.Pkcs1)
            : ((ECDsa)signer).VerifyHash(hash, signature, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        Return(signer);
        return isGood;
    }

    private bool Works()
    {
        try
        {
            byte[] hash = new byte[Algorithm.Hash() == HashAlgorithmName.SHA512 ? 64 : Algorithm.Hash() == HashAlgorithmName.SHA384 ? 48 : 32];
            return VerifyHash(hash, SignHash(hash));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private AsymmetricAlgorithm Rent()
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is not null && Interlocked.Exchange(ref _idle[i], null) is { } signer)
            {
                return signer;
            }
        }

        return _open();
    }

    private void Return(AsymmetricAlgorithm signer)
    {
        for (int i = 0; i < _idle.Length; i++)
        {
            if (_idle[i] is null && Interlocked.CompareExchange(ref _idle[i], signer, null) is null)
            {
                return;
            }
        }

        signer.Dispose();
    }
}
