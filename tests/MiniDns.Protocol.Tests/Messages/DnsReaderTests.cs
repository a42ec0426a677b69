using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Messages;

public sealed class DnsReaderTests
{
    private static readonly byte[] Header = new byte[DnsHeader.Size];

    [Fact]
    public void Rfc1035_4_1_4_example_is_read()
    {
        // the names F.ISI.ARPA, FOO.F.ISI.ARPA, ARPA and the root, at the offsets of the example
        byte[] message = new byte[93];
        "\u0001F\u0003ISI\u0004ARPA\0"u8.CopyTo(message.AsSpan(20));
        new byte[] { 3, (byte)'F', (byte)'O', (byte)'O', 0xC0, 20 }.CopyTo(message, 40);
        new byte[] { 0xC0, 26 }.CopyTo(message, 64);
        Assert.Equal(("F.ISI.ARPA.", 32), ReadName(message, 20));
        Assert.Equal(("FOO.F.ISI.ARPA.", 46), ReadName(message, 40));
        Assert.Equal(("ARPA.", 66), ReadName(message, 64));
        Assert.Equal((".", 93), ReadName(message, 92));
    }

    [Theory]
    [InlineData("C00C", WireError.BadPointer)]                      // to itself
    [InlineData("C00E00", WireError.BadPointer)]                    // forwards
    [InlineData("C000", WireError.BadPointer)]                      // into the header
    [InlineData("C00B", WireError.BadPointer)]
    [InlineData("0161C00C", WireError.BadPointer)]                  // back to its own start
    [InlineData("4041", WireError.BadName)]                         // reserved label types
    [InlineData("8041", WireError.BadName)]
    [InlineData("0361", WireError.Truncated)]
    [InlineData("C0", WireError.Truncated)]
    [InlineData("0161", WireError.Truncated)]
    [InlineData("", WireError.Truncated)]
    public void A_malformed_name_is_refused(string hex, WireError error)
    {
        byte[] message = [.. Header, .. Convert.FromHexString(hex)];
        var reader = new DnsReader(message);
        Assert.False(reader.TryReadName(new byte[255], out _));
        Assert.Equal(error, reader.Error);
    }

    [Fact]
    public void Pointers_in_a_loop_are_refused()
    {
        byte[] message = [.. Header, 0xC0, 14, 0xC0, 12];
        Assert.False(new DnsReader(message, 12).TryReadName(new byte[255], out _));
        Assert.False(new DnsReader(message, 14).TryReadName(new byte[255], out _));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void A_label_has_at_most_63_octets(int length, bool good)
    {
        byte[] message = [.. Header, (byte)length, .. new byte[length], 0];
        Assert.Equal(good, new DnsReader(message).TryReadName(new byte[255], out _));
        Assert.Equal(good, new DnsReader(message).TrySkipName());
        Assert.Equal(good, DnsNameView.TryRead(message.AsSpan(12), out _));
    }

    [Theory]
    [InlineData(61, true)]
    [InlineData(62, false)]
    public void A_name_has_at_most_255_octets(int last, bool good)
    {
        byte[] label = [63, .. new byte[63]];
        byte[] message = [.. Header, .. label, .. label, .. label, (byte)last, .. new byte[last], 0];
        Assert.Equal(good, new DnsReader(message).TryReadName(new byte[255], out int length));
        Assert.Equal(good, new DnsReader(message).TrySkipName());
        Assert.Equal(good, DnsNameView.TryRead(message.AsSpan(12), out _));
        Assert.True(!good || length == 255);
    }

    [Fact]
    public void A_pointer_cannot_make_a_name_longer_than_255_octets()
    {
        byte[] label = [63, .. new byte[63]];
        byte[] message = [.. Header, .. label, .. label, .. label, 0, .. label, 0xC0, 12];
        var reader = new DnsReader(message, 12 + (3 * 64) + 1);
        Assert.False(reader.TryReadName(new byte[255], out _));
        Assert.Equal(WireError.BadName, reader.Error);
    }

    [Fact]
    public void A_name_with_a_pointer_after_every_label_is_read()
    {
        // 127 labels of one octet, each after a pointer to the one before: as many pointers as a name can need
        List<byte> message = [.. Header, 1, (byte)'a', 0];
        int previous = 12;
        for (int i = 1; i < 127; i++)
        {
            int at = message.Count;
            message.AddRange([1, (byte)'a', (byte)(0xC0 | (previous >> 8)), (byte)previous]);
            previous = at;
        }

        Assert.True(new DnsReader([.. message], previous).TryReadName(new byte[255], out int length));
        Assert.Equal(255, length);
    }

    [Fact]
    public void A_hostile_chain_of_pointers_is_cut()
    {
        // each pointer leads to the one before, 8,000 of them: legal one by one, but following them all would cost
        // thousands of steps for each of thousands of names
        List<byte> message = [.. Header, 0];
        int previous = 12;
        while (message.Count < 0x3FFE)
        {
            int at = message.Count;
            message.AddRange([(byte)(0xC0 | (previous >> 8)), (byte)previous]);
            previous = at;
        }

        byte[] octets = [.. message];
        var reader = new DnsReader(octets, previous);
        Assert.False(reader.TryReadName(new byte[255], out _));
        Assert.Equal(WireError.BadPointer, reader.Error);
        Assert.True(new DnsReader(octets, 13 + (2 * 126)).TryReadName(new byte[255], out _));
        Assert.False(new DnsReader(octets, 13 + (2 * 127)).TryReadName(new byte[255], out _));
    }

    [Fact]
    public void A_destination_that_is_too_short_is_said_so()
    {
        byte[] message = [.. Header, 3, 1, 2, 3, 0];
        Assert.False(new DnsReader(message).TryReadName(new byte[4], out _));
        Assert.True(new DnsReader(message).TryReadName(new byte[5], out _));
    }

    [Fact]
    public void Rdata_names_may_not_reach_behind_the_record()
    {
        // an MX record whose exchange name runs on into what follows the record
        byte[] message = [.. Header, 0, 0, 15, 0, 1, 0, 0, 0, 0, 0, 4, 0, 10, 1, (byte)'a', 0];
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadRecord(out DnsRecordView record));
        Assert.False(RdataWire.TryExpand(message, record, new byte[100], out _));
    }

    private static (string Name, int Position) ReadName(byte[] message, int offset)
    {
        byte[] name = new byte[255];
        var reader = new DnsReader(message, offset);
        Assert.True(reader.TryReadName(name, out int length));
        return (new DnsNameView(name.AsSpan(0, length)).ToString(), reader.Position);
    }
}
