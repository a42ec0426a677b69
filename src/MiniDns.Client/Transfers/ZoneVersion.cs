using System.Buffers.Binary;

namespace MiniDns.Client.Transfers;

/// <summary>A version of a zone, by the rdata of its SOA record.</summary>
/// <param name="SoaRdata">The rdata, names uncompressed.</param>
public readonly record struct ZoneVersion(ReadOnlyMemory<byte> SoaRdata)
{
    /// <summary>The serial number.</summary>
    public uint Serial => BinaryPrimitives.ReadUInt32BigEndian(SoaRdata.Span[^20..]);
}
