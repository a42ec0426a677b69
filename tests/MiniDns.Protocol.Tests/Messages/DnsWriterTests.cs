using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Tests.Records;

namespace MiniDns.Protocol.Tests.Messages;

public sealed class DnsWriterTests
{
    [Fact]
    public void Names_point_to_the_longest_suffix_written_before()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[512], ref compressor);
        Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
        Assert.True(writer.TryWriteQuestion([.. DnsName.Parse("www.example.org").Wire, 0, 1, 0, 1]));
        int start = writer.Length;
        Assert.True(writer.TryWriteName(DnsName.Parse("mail.EXAMPLE.org").View, compress: true));
        Assert.Equal("046D61696CC010", Convert.ToHexString(writer.Written[start..]));
        start = writer.Length;
        Assert.True(writer.TryWriteName(DnsName.Parse("a.mail.example.org").View, compress: true));
        Assert.Equal("0161C021", Convert.ToHexString(writer.Written[start..]));
        start = writer.Length;
        Assert.True(writer.TryWriteName(DnsName.Parse("example.org").View, compress: false));
        Assert.Equal("076578616D706C65036F726700", Convert.ToHexString(writer.Written[start..]));
    }

    [Fact]
    public void Only_the_types_of_rfc1035_are_compressed()
    {
        foreach (DnsRecordType type in RdataGenerator.Types)
        {
            var compressor = default(NameCompressor);
            var writer = new DnsWriter(new byte[65535], ref compressor);
            Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
            byte[] rdata = RdataGenerator.Next(type, new Random(1));
            Assert.True(writer.TryWriteRecord(DnsName.Root.View, type, DnsRecordClass.IN, 0, rdata));
            int start = writer.Length;
            Assert.True(writer.TryWriteRecord(DnsName.Root.View, type, DnsRecordClass.IN, 0, rdata));
            bool shorter = writer.Length - start < 11 + rdata.Length;
            Assert.Equal(RdataDescriptor.For(type).CompressibleNames > 0, shorter);
        }
    }

    [Fact]
    public void A_rollback_forgets_names_too()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[512], ref compressor);
        Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
        WriterMark mark = writer.Mark();
        Assert.True(writer.TryWriteName(DnsName.Parse("a.example").View, compress: true));
        writer.Rollback(mark);
        Assert.True(writer.TryWriteName(DnsName.Parse("other.test").View, compress: true));
        int start = writer.Length;
        Assert.True(writer.TryWriteName(DnsName.Parse("a.example").View, compress: true));
        Assert.Equal("0161076578616D706C6500", Convert.ToHexString(writer.Written[start..]));
    }

    [Fact]
    public void What_does_not_fit_leaves_the_message_as_it_was()
    {
        byte[] rdata = RdataText.Parse(DnsRecordType.SOA, "ns.example.org. hostmaster.example.org. 1 2 3 4 5");
        DnsName owner = DnsName.Parse("example.org");
        int whole = Write(512, out _);
        for (int size = DnsHeader.Size; size < whole; size++)
        {
            Assert.Equal(DnsHeader.Size, Write(size, out int names));
            Assert.Equal(0, names);
        }

        int Write(int size, out int names)
        {
            var compressor = default(NameCompressor);
            var writer = new DnsWriter(new byte[size], ref compressor);
            Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
            writer.TryWriteRecord(owner.View, DnsRecordType.SOA, DnsRecordClass.IN, 1, rdata);
            names = compressor.Count;
            return writer.Length;
        }
    }

    [Fact]
    public void Reserved_octets_are_kept_free()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[40], ref compressor) { Reserved = 11 };
        Assert.True(writer.TryWrite(new byte[29]));
        Assert.False(writer.TryWrite([0]));
        Assert.False(writer.TryWriteName(DnsName.Root.View, compress: true));
        writer.Reserved = 0;
        Assert.True(writer.TryWriteOpt(1232, DnsResponseCode.BadVersion, dnssecOk: true, default));
        Assert.Equal("0000290" + "4D0" + "01008000" + "0000", Convert.ToHexString(writer.Written[29..]));
    }

    [Fact]
    public void A_full_table_still_writes_right_names()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[65535], ref compressor);
        Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
        var names = Enumerable.Range(0, 300).Select(i => DnsName.Parse($"host{i}.zone{i % 7}.example.")).ToList();
        var offsets = new List<int>();
        foreach (DnsName name in names.Concat(names))
        {
            offsets.Add(writer.Length);
            Assert.True(writer.TryWriteName(name.View, compress: true));
        }

        Assert.Equal(NameCompressor.Capacity, compressor.Count);
        AssertNames(writer.Written.ToArray(), offsets, [.. names, .. names]);
    }

    [Fact]
    public void No_pointer_leads_beyond_offset_0x3FFF()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[65535], ref compressor);
        Assert.True(writer.TryWrite(new byte[0x3FFF - 3]));
        DnsName[] names = [DnsName.Parse("ab.cd.ef."), DnsName.Parse("x.cd.ef."), DnsName.Parse("y.ab.cd.ef."), DnsName.Parse("x.cd.ef.")];
        var offsets = new List<int>();
        foreach (DnsName name in names)
        {
            offsets.Add(writer.Length);
            Assert.True(writer.TryWriteName(name.View, compress: true));
        }

        // "ab" at 0x3FFC and "cd" at 0x3FFF can be pointed to, nothing after them
        Assert.Equal("0178FFFF", Convert.ToHexString(writer.Written[offsets[1]..offsets[2]]));
        Assert.Equal("0179FFFC", Convert.ToHexString(writer.Written[offsets[2]..offsets[3]]));
        Assert.Equal("0178FFFF", Convert.ToHexString(writer.Written[offsets[3]..]));
        AssertNames(writer.Written.ToArray(), offsets, names);
    }

    [Fact]
    public void A_name_at_offset_0x4000_is_not_pointed_to()
    {
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[65535], ref compressor);
        Assert.True(writer.TryWrite(new byte[0x3FFD]));
        Assert.True(writer.TryWriteName(DnsName.Parse("ab.cd.ef.").View, compress: true));      // "cd" stands at 0x4000
        int start = writer.Length;
        Assert.True(writer.TryWriteName(DnsName.Parse("x.cd.ef.").View, compress: true));
        Assert.Equal("017802636402656600", Convert.ToHexString(writer.Written[start..]));
    }

    [Fact]
    public void An_rrset_is_written_alike_with_and_without_its_ready_made_body()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            DnsName owner = DnsName.FromView(new DnsNameView([3, (byte)'w', (byte)'w', (byte)'w', .. RdataGenerator.Name(random, 200)]));
            DnsRecordType type = RdataGenerator.Types[random.Next(RdataGenerator.Types.Length)];
            ReadOnlyMemory<byte>[] rdatas = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (ReadOnlyMemory<byte>)RdataGenerator.Next(type, random))];
            var records = new RRset(owner, type, DnsRecordClass.IN, 300, rdatas);
            var compressor = default(NameCompressor);
            var writer = new DnsWriter(new byte[65535], ref compressor);
            byte[] header = new byte[DnsHeader.Size];
            new DnsHeader(1, 0, 1, (ushort)rdatas.Length, 0, 0).Write(header);
            Assert.True(writer.TryWrite(header));
            Assert.True(writer.TryWriteQuestion([.. owner.Wire, 0, 1, 0, 1]));
            Assert.True(writer.TryWriteRRset(records, owner.View, 77));
            byte[] message = writer.Written.ToArray();
            var reader = new DnsReader(message);
            Assert.True(reader.TryReadQuestion(out _));
            foreach (ReadOnlyMemory<byte> rdata in rdatas)
            {
                byte[] expanded = new byte[65535];
                Assert.True(reader.TryReadRecord(out DnsRecordView record));
                Assert.Equal((type, 77u), (record.Type, record.Ttl));
                Assert.Equal(0xC0, message[record.OwnerOffset]);
                Assert.True(RdataWire.TryExpand(message, record, expanded, out int length));
                Assert.Equal(0, RdataWire.CompareCanonical(type, rdata.Span, expanded.AsSpan(0, length)));
            }

            Assert.Equal(message.Length, reader.Position);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500).WithEndSize(10_000));
    }

    [Fact]
    public void Parsing_expanding_and_writing_a_message_allocates_nothing()
    {
        var random = new Random(3);
        byte[] message = MessageGenerator.Next(random);
        byte[] output = new byte[65535];
        byte[] rdata = new byte[65535];
        byte[] canonical = new byte[65535];
        byte[] text = new byte[1 << 17];
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool good = Rewrite(message, output, rdata, canonical, text);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.True(good);
        }

        Assert.Equal(0, allocated);
    }

    private static bool Rewrite(byte[] message, byte[] output, byte[] rdata, byte[] canonical, byte[] text)
    {
        Span<byte> name = stackalloc byte[DnsNameView.MaxLength + 4];
        var compressor = default(NameCompressor);
        var writer = new DnsWriter(output, ref compressor);
        if (!DnsHeader.TryRead(message, out DnsHeader header) || !writer.TryWrite(message.AsSpan(0, DnsHeader.Size)))
        {
            return false;
        }

        var reader = new DnsReader(message);
        if (!reader.TryReadQuestion(out DnsQuestionView question) || !writer.TryWriteQuestion(message.AsSpan(question.NameOffset..question.End)))
        {
            return false;
        }

        for (int i = header.AnswerCount + header.AuthorityCount + header.AdditionalCount; i > 0; i--)
        {
            if (!reader.TryReadRecord(out DnsRecordView record)
                || !new DnsReader(message, record.OwnerOffset).TryReadName(name, out int length)
                || !RdataWire.TryExpand(message, record, rdata, out int octets)
                || !RdataWire.TryCanonicalize(record.Type, rdata.AsSpan(0, octets), canonical, out int same)
                || RdataWire.CompareCanonical(record.Type, rdata.AsSpan(0, octets), canonical.AsSpan(0, same)) != 0
                || !RdataText.TryFormat(record.Type, rdata.AsSpan(0, octets), text, out _)
                || !writer.TryWriteRecord(new DnsNameView(name[..length]), record.Type, record.Class, record.Ttl, rdata.AsSpan(0, octets)))
            {
                return false;
            }
        }

        return true;
    }

    private static void AssertNames(byte[] message, List<int> offsets, DnsName[] names)
    {
        byte[] wire = new byte[255];
        for (int i = 0; i < names.Length; i++)
        {
            Assert.True(new DnsReader(message, offsets[i]).TryReadName(wire, out int length));
            Assert.True(new DnsNameView(wire.AsSpan(0, length)).Equals(names[i].View));
        }
    }
}
