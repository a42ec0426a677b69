using System.Diagnostics.CodeAnalysis;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>A response kept as octets: an immutable message without OPT and TSIG, and the places of its TTLs.</summary>
/// <remarks>Sending it is a copy in which id, flags, the question's case and the TTLs are set; nothing is parsed again.</remarks>
public sealed class WireImage
{
    private readonly byte[] _message;
    private readonly ushort[] _ttlOffsets;

    private WireImage(byte[] message, ushort[] ttlOffsets, DnsResponseCode code)
    {
        _message = message;
        _ttlOffsets = ttlOffsets;
        Code = code;
    }

    /// <summary>The message; its id is meaningless.</summary>
    public ReadOnlySpan<byte> Message => _message;

    /// <summary>The offset of each record's TTL.</summary>
    public ReadOnlySpan<ushort> TtlOffsets => _ttlOffsets;

    /// <summary>The response code, the bits from EDNS included.</summary>
    public DnsResponseCode Code { get; }

    /// <summary>What it takes in memory, in octets, near enough for a budget.</summary>
    public int Footprint => _message.Length + (_ttlOffsets.Length * sizeof(ushort)) + 88;

    /// <summary>Makes an image of a response message.</summary>
    /// <returns>False when the message is malformed, is not a response to one question, or has records behind its OPT record.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> message, [NotNullWhen(true)] out WireImage? image)
    {
        image = null;
        if (message.Length > ushort.MaxValue || !WireIndex.TryScan(message, [], out WireScan scan) || !scan.OptIsLast)
        {
            return false;
        }

        byte[] octets = new byte[scan.BodyLength];
        WireIndex.CopyBody(message, scan, octets);
        ushort[] offsets = new ushort[scan.RecordCount];
        WireIndex.TryScan(octets, offsets, out _);
        image = new WireImage(octets, offsets, scan.Code);
        return true;
    }
}
