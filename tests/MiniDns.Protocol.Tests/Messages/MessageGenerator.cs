using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Tests.Records;

namespace MiniDns.Protocol.Tests.Messages;

/// <summary>Makes random well-formed messages, compressed as the writer does.</summary>
internal static class MessageGenerator
{
    public static byte[] Next(Random random, int maxRecords = 8)
    {
        byte[] buffer = new byte[65535];
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(buffer, ref compressor);
        byte[] question = [.. RdataGenerator.Name(random), 0, (byte)random.Next(256), 0, 1];
        int[] counts = [random.Next(maxRecords), random.Next(maxRecords), random.Next(maxRecords)];
        byte[] header = new byte[DnsHeader.Size];
        new DnsHeader((ushort)random.Next(65536), (ushort)random.Next(65536), 1, (ushort)counts[0], (ushort)counts[1], (ushort)counts[2]).Write(header);
        Assert.True(writer.TryWrite(header));
        Assert.True(writer.TryWriteQuestion(question));
        byte[] owner = question[..^4];
        for (int i = counts.Sum(); i > 0; i--)
        {
            owner = random.Next(3) switch { 0 => RdataGenerator.Name(random), 1 => question[..^4], _ => owner };
            DnsRecordType type = RdataGenerator.Types[random.Next(RdataGenerator.Types.Length)];
            Assert.True(writer.TryWriteRecord(new DnsNameView(owner), type, DnsRecordClass.IN, (uint)random.Next(), RdataGenerator.Next(type, random)));
        }

        return writer.Written.ToArray();
    }
}
