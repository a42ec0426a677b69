using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Queries;

/// <summary>A response kept as octets: an immutable message without OPT and TSIG, and the places of its TTLs.</summary>
/// <remarks>
/// Sending it is a copy in which id, flags, the question's case and the TTLs are set; nothing is parsed again. An image is
/// two objects, itself and one array; a store that keeps many derives its entries from it rather than adding a third.
/// </remarks>
public class WireImage
{
    private readonly byte[] _octets;        // the message, then the TTL offsets as 16-bit numbers at an even place
    private readonly int _length;

    /// <summary>Takes over a packed message.</summary>
    protected WireImage(in PackedMessage packed)
    {
        _octets = packed.Octets;
        _length = packed.MessageLength;
        Code = packed.Code;
    }

    /// <summary>The message; its id is meaningless.</summary>
    public ReadOnlySpan<byte> Message => _octets.AsSpan(0, _length);

    /// <summary>The offset of each record's TTL.</summary>
    public ReadOnlySpan<ushort> TtlOffsets => OffsetsIn(_octets, _length);

    /// <summary>The response code, the bits from EDNS included.</summary>
    public DnsResponseCode Code { get; }

    /// <summary>What it takes in memory, in octets, near enough for a budget; fields of derived types are not counted.</summary>
    public int Footprint => _octets.Length + 60;

    /// <summary>Makes an image of a response message.</summary>
    /// <returns>False when the message is malformed, is not a response to one question, or has records behind its OPT record.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> message, [NotNullWhen(true)] out WireImage? image)
    {
        image = TryPack(message, out PackedMessage packed) ? new WireImage(packed) : null;
        return image is not null;
    }

    /// <summary>Copies a response message into the form that an image keeps.</summary>
    /// <returns>False when the message is malformed, is not a response to one question, or has records behind its OPT record.</returns>
    protected static bool TryPack(ReadOnlySpan<byte> message, out PackedMessage packed)
    {
        packed = default;
        if (message.Length > ushort.MaxValue || !WireIndex.TryScan(message, [], out WireScan scan) || !scan.OptIsLast)
        {
            return false;
        }

        byte[] octets = new byte[Even(scan.BodyLength) + (scan.RecordCount * sizeof(ushort))];
        WireIndex.CopyBody(message, scan, octets);
        WireIndex.TryScan(octets.AsSpan(0, scan.BodyLength), OffsetsIn(octets, scan.BodyLength), out _);
        packed = new PackedMessage(octets, scan.BodyLength, scan.Code);
        return true;
    }

    private static Span<ushort> OffsetsIn(byte[] octets, int messageLength) => MemoryMarshal.Cast<byte, ushort>(octets.AsSpan(Even(messageLength)));

    private static int Even(int length) => (length + 1) & ~1;

    /// <summary>A message in the form that an image keeps.</summary>
    /// <param name="Octets">The message and the offsets of its TTLs.</param>
    /// <param name="MessageLength">The message's length in octets.</param>
    /// <param name="Code">The response code, the bits from EDNS included.</param>
    protected readonly record struct PackedMessage(byte[] Octets, int MessageLength, DnsResponseCode Code);
}
