using System.Buffers.Binary;
using System.Text;

namespace MiniDns.Plugins.Tests.Support;

/// <summary>A message of Protocol Buffers, read by the rules of its wire format; what is malformed fails the test.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, int WireType, ulong Number, byte[] Octets)> _fields = [];

    public ProtoMessage(ReadOnlySpan<byte> message)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint(message, ref at);
            (int field, int wireType) = ((int)(tag >> 3), (int)(tag & 7));
            Assert.True(field > 0);
            switch (wireType)
            {
                case 0:
                    _fields.Add((field, 0, Varint(message, ref at), []));
                    break;
                case 1:
                    _fields.Add((field, 1, BinaryPrimitives.ReadUInt64LittleEndian(message[at..]), []));
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint(message, ref at);
                    _fields.Add((field, 2, 0, message.Slice(at, length).ToArray()));
                    at += length;
                    break;
                case 5:
                    _fields.Add((field, 5, BinaryPrimitives.ReadUInt32LittleEndian(message[at..]), []));
                    at += 4;
                    break;
                default:
                    Assert.Fail($"wire type {wireType}");
                    break;
            }
        }
    }

    public bool Has(int field) => _fields.Exists(f => f.Field == field);

    public IEnumerable<ProtoMessage> All(int field) => Of(field, 2).Select(f => new ProtoMessage(f.Octets));

    public ProtoMessage One(int field) => All(field).Single();

    public string Text(int field) => Encoding.UTF8.GetString(Octets(field));

    public byte[] Octets(int field) => Of(field, 2).SingleOrDefault().Octets ?? [];

    public long Integer(int field) => (long)Of(field, 0).SingleOrDefault().Number;

    public ulong Fixed(int field) => Of(field, 1).SingleOrDefault().Number;

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Fixed(field));

    /// <summary>A list of fixed64 or double, packed or one by one.</summary>
    public ulong[] List(int field) =>
        [.. _fields.Where(f => f.Field == field).SelectMany(f => f.WireType == 1 ? [f.Number] : f.Octets.Chunk(8).Select(c => BinaryPrimitives.ReadUInt64LittleEndian(c)))];

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            Assert.True(shift < 70);
            byte octet = message[at++];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }
    }

    private IEnumerable<(int Field, int WireType, ulong Number, byte[] Octets)> Of(int field, int wireType)
    {
        foreach ((int Field, int WireType, ulong Number, byte[] Octets) found in _fields.Where(f => f.Field == field))
        {
            Assert.Equal(wireType, found.WireType);
            yield return found;
        }
    }
}
