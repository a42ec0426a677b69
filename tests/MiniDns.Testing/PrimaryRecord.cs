using System.Buffers.Binary;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>A record of a <see cref="FakePrimary"/>.</summary>
/// <param name="Owner">The owner.</param>
/// <param name="Type">The type.</param>
/// <param name="Ttl">The time to live in seconds.</param>
/// <param name="Rdata">The rdata in hexadecimal digits, names uncompressed.</param>
public sealed record PrimaryRecord(string Owner, DnsRecordType Type, uint Ttl, string Rdata)
{
    /// <summary>The rdata.</summary>
    public byte[] RdataOctets => Convert.FromHexString(Rdata);

    /// <summary>A SOA record's serial number.</summary>
    public uint Serial => BinaryPrimitives.ReadUInt32BigEndian(RdataOctets.AsSpan()[^20..]);

    /// <summary>Reads zone-file text.</summary>
    public static List<PrimaryRecord> Parse(string zone, string text)
    {
        var reader = ZoneFileReader.FromText(text, new ZoneFileOptions { Origin = DnsName.Parse(zone), DefaultTtl = 3600 });
        List<PrimaryRecord> records = [];
        while (reader.TryRead())
        {
            records.Add(new PrimaryRecord(reader.Owner.ToString(), reader.Type, reader.Ttl, Convert.ToHexString(reader.Rdata)));
        }

        return reader.Errors.Count == 0 ? records : throw new FormatException(string.Join('\n', reader.Errors));
    }
}
