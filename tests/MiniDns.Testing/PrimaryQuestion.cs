using System.Buffers.Binary;
using System.Globalization;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Testing;

/// <summary>What a <see cref="FakePrimary"/> was asked.</summary>
public sealed class PrimaryQuestion
{
    internal PrimaryQuestion(byte[] message)
    {
        Message = message;
        DnsHeader.TryRead(message, out DnsHeader header);
        Id = header.Id;
        DnsNameView.TryRead(message.AsSpan(DnsHeader.Size), out DnsNameView name);
        Zone = name.ToString();
        int end = DnsHeader.Size + name.Length + 4;
        Question = message[DnsHeader.Size..end];
        Type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(end - 4));
        var reader = new DnsReader(message, end);
        byte[] rdata = new byte[1024];
        if (Type == DnsRecordType.IXFR && reader.TryReadRecord(out DnsRecordView soa) && RdataWire.TryExpand(message, soa, rdata, out int length))
        {
            Serial = BinaryPrimitives.ReadUInt32BigEndian(rdata.AsSpan(length - 20));
        }
    }

    /// <summary>The whole message.</summary>
    public byte[] Message { get; }

    /// <summary>The id.</summary>
    public ushort Id { get; }

    /// <summary>The name asked for.</summary>
    public string Zone { get; }

    /// <summary>The type.</summary>
    public DnsRecordType Type { get; }

    /// <summary>The question's octets.</summary>
    public byte[] Question { get; }

    /// <summary>The serial number that an IXFR question tells.</summary>
    public uint Serial { get; }

    /// <summary><c>example.org. IXFR 1</c>.</summary>
    public override string ToString() =>
        Type == DnsRecordType.IXFR ? string.Create(CultureInfo.InvariantCulture, $"{Zone} IXFR {Serial}") : $"{Zone} {DnsTypeText.Format(Type)}";
}
