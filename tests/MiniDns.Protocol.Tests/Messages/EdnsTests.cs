using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Messages;

public sealed class EdnsTests
{
    [Fact]
    public void Options_written_are_read()
    {
        var options = new EdnsOptionsWriter(new byte[512]);
        Assert.True(options.TryAddNameServerId("ns1"u8));
        Assert.True(options.TryAddClientSubnet([192, 0, 2, 255], 25, 0));
        Assert.True(options.TryAddCookie([1, 2, 3, 4, 5, 6, 7, 8], default));
        Assert.True(options.TryAddExtendedError(EdnsErrorCode.Blocked, "no"u8));
        Assert.True(options.TryAddTcpKeepalive());
        Assert.True(options.TryAddTcpKeepalive(300));
        Assert.True(options.TryAddExpire(86400));
        Assert.True(options.TryAddPadding(3));
        Assert.Equal(
            "0003" + "0003" + "6E7331" + "0008" + "0008" + "00011900C0000280" + "000A" + "0008" + "0102030405060708" + "000F" + "0004" + "000F6E6F" + "000B" + "0000" + "000B" + "0002" + "012C" + "0009" + "0004" + "00015180" + "000C" + "0003" + "000000",
            Convert.ToHexString(options.Written));

        var compressor = default(NameCompressor);
        var writer = new DnsWriter(new byte[512], ref compressor);
        Assert.True(writer.TryWrite(new byte[DnsHeader.Size]));
        Assert.True(writer.TryWriteOpt(1232, (DnsResponseCode)0x123, dnssecOk: true, options.Written));
        Span<byte> message = writer.Written;
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadRecord(out DnsRecordView record));
        Assert.Equal(DnsRecordType.OPT, record.Type);
        Assert.True(EdnsView.TryRead(message, record, out EdnsView edns));
        Assert.Equal((1232, 0x12, 0, true), (edns.UdpPayloadSize, edns.ExtendedResponseCode, edns.Version, edns.DnssecOk));
        var codes = new List<EdnsOptionCode>();
        foreach (EdnsOption option in edns.Options(message))
        {
            codes.Add(option.Code);
        }

        Assert.Equal([EdnsOptionCode.NameServerId, EdnsOptionCode.ClientSubnet, EdnsOptionCode.Cookie, EdnsOptionCode.ExtendedError, EdnsOptionCode.TcpKeepalive, EdnsOptionCode.TcpKeepalive, EdnsOptionCode.Expire, EdnsOptionCode.Padding], codes);
        Assert.True(edns.TryGetOption(message, EdnsOptionCode.NameServerId, out ReadOnlySpan<byte> identity));
        Assert.Equal("ns1", Encoding.ASCII.GetString(identity));
        Assert.True(edns.TryGetOption(message, EdnsOptionCode.ClientSubnet, out ReadOnlySpan<byte> subnetData));
        Assert.True(EdnsClientSubnet.TryRead(subnetData, out EdnsClientSubnet subnet));
        Assert.Equal((1, 25, 0, "C0000280"), (subnet.Family, subnet.SourcePrefixLength, subnet.ScopePrefixLength, Convert.ToHexString(subnet.Address)));
        Assert.False(edns.TryGetOption(message, (EdnsOptionCode)999, out _));
    }

    [Fact]
    public void An_option_that_does_not_fit_leaves_the_others()
    {
        var options = new EdnsOptionsWriter(new byte[10]);
        Assert.True(options.TryAddNameServerId("ab"u8));
        Assert.False(options.TryAddNameServerId("c"u8));
        Assert.False(options.TryAddPadding(1));
        Assert.True(options.TryAddTcpKeepalive());
        Assert.Equal(10, options.Length);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3, 4 }, 33, 0)]
    [InlineData(new byte[] { 1, 2, 3, 4 }, 32, 33)]
    [InlineData(new byte[] { 1, 2, 3 }, 8, 0)]
    public void A_client_subnet_must_fit_its_family(byte[] address, byte source, byte scope)
    {
        var options = new EdnsOptionsWriter(new byte[100]);
        Assert.False(options.TryAddClientSubnet(address, source, scope));
    }

    [Theory]
    [InlineData("00011800C00002", true)]
    [InlineData("00000000", true)]
    [InlineData("0001180000", false)]           // too short for the prefix
    [InlineData("00011800C0000200", false)]     // too long
    [InlineData("00011700C00003", false)]       // a bit behind the prefix
    [InlineData("00012100C000020100", false)]   // a prefix longer than the address
    [InlineData("00030800C0", false)]           // no such family
    [InlineData("000118", false)]
    public void Rfc7871_7_1_1_client_subnets_are_checked(string hex, bool good) =>
        Assert.Equal(good, EdnsClientSubnet.TryRead(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("0003")]
    [InlineData("00030001")]
    [InlineData("000300000003")]
    public void Options_that_are_cut_short_make_the_record_malformed(string hex)
    {
        byte[] rdata = Convert.FromHexString(hex);
        byte[] message = [.. new byte[12], 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, (byte)rdata.Length, .. rdata];
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadRecord(out DnsRecordView record));
        Assert.False(EdnsView.TryRead(message, record, out _));
        Assert.False(RdataWire.IsWellFormed(DnsRecordType.OPT, rdata));
        foreach (EdnsOption option in new EdnsOptionEnumerator(rdata))
        {
            Assert.Equal(0, option.Data.Length);
        }
    }
}
