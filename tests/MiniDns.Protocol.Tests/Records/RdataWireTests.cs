using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Records;

public sealed class RdataWireTests
{
    // a message that holds "ab.cd." at offset 12 and one record whose rdata follows
    private static readonly byte[] Prefix = [.. new byte[12], 2, (byte)'A', (byte)'b', 2, (byte)'c', (byte)'d', 0];

    [Theory]
    [InlineData(DnsRecordType.NS, "C00C", "024162026364" + "00")]
    [InlineData(DnsRecordType.SOA, "C00CC00F0000000100000002000000030000000400000005", "024162026364000263640000000001" + "00000002000000030000000400000005")]
    [InlineData(DnsRecordType.MX, "000AC00C", "000A02416202636400")]
    // RFC 3597 §4: compressed names of these are understood, though nobody should send them
    [InlineData(DnsRecordType.SRV, "000100020003C00C", "00010002000302416202636400")]
    [InlineData(DnsRecordType.RP, "C00CC00F", "0241620263640002636400")]
    [InlineData(DnsRecordType.NAPTR, "00010002000000C00C", "0001000200000002416202636400")]
    // others must not be compressed
    [InlineData(DnsRecordType.DNAME, "C00C", null)]
    [InlineData(DnsRecordType.NSEC, "C00C000140", null)]
    [InlineData(DnsRecordType.SVCB, "0001C00C", null)]
    [InlineData(DnsRecordType.KX, "0001C00C", null)]
    [InlineData(DnsRecordType.NS, "C00C00", null)]
    [InlineData(DnsRecordType.A, "01020304", "01020304")]
    [InlineData(DnsRecordType.A, "0102030405", null)]
    [InlineData((DnsRecordType)65280, "C00C", "C00C")]
    public void Rfc3597_4_names_are_expanded_where_they_may_be(DnsRecordType type, string wire, string? expected)
    {
        byte[] rdata = Convert.FromHexString(wire);
        byte[] message = [.. Prefix, .. rdata];
        var record = new DnsRecordView(12, type, DnsRecordClass.IN, 0, 0, Prefix.Length, rdata.Length);
        byte[] expanded = new byte[65535];
        Assert.Equal(expected is not null, RdataWire.TryExpand(message, record, expanded, out int length));
        Assert.True(expected is null || expected == Convert.ToHexString(expanded, 0, length));
        for (int size = 0; expected is not null && size < length; size++)
        {
            Assert.False(RdataWire.TryExpand(message, record, new byte[size], out _));
        }
    }

    [Theory]
    [InlineData(DnsRecordType.NS, "NS.Example.", "ns.example.")]
    [InlineData(DnsRecordType.SOA, "NS.Example. A.B. 1 2 3 4 5", "ns.example. a.b. 1 2 3 4 5")]
    [InlineData(DnsRecordType.SRV, "1 2 3 Host.", "1 2 3 host.")]
    [InlineData(DnsRecordType.DNAME, "Host.", "host.")]
    [InlineData(DnsRecordType.A6, "64 ::1 Host.", "64 ::1 host.")]
    [InlineData(DnsRecordType.NAPTR, "1 2 \"S\" \"U\" \"!Re!\" Host.", "1 2 \"S\" \"U\" \"!Re!\" host.")]
    // RFC 6840 §5.1: RRSIG's signer yes, NSEC's next name no
    [InlineData(DnsRecordType.RRSIG, "A 5 1 1 20200101000000 20200101000000 1 Signer. AA==", "A 5 1 1 20200101000000 20200101000000 1 signer. AA==")]
    [InlineData(DnsRecordType.NSEC, "Next. A", "Next. A")]
    [InlineData(DnsRecordType.SVCB, "1 Host. port=1", "1 Host. port=1")]
    [InlineData(DnsRecordType.TXT, "\"AbC\"", "\"AbC\"")]
    public void Rfc4034_6_2_canonical_form(DnsRecordType type, string text, string expected)
    {
        byte[] rdata = RdataText.Parse(type, text);
        byte[] canonical = new byte[rdata.Length];
        Assert.True(RdataWire.TryCanonicalize(type, rdata, canonical, out int length));
        Assert.Equal(expected, RdataText.Format(type, canonical.AsSpan(0, length)));
        Assert.False(RdataWire.TryCanonicalize(type, rdata, canonical.AsSpan(1), out _));
        Assert.True(RdataWire.TryCanonicalize(type, rdata, rdata, out _));
        Assert.Equal(canonical, rdata);
    }

    [Fact]
    public void Comparing_is_comparing_canonical_octets()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            DnsRecordType type = RdataGenerator.Types[random.Next(RdataGenerator.Types.Length)];
            byte[] left = RdataGenerator.Next(type, random);
            byte[] right = random.Next(4) == 0 ? [.. left] : RdataGenerator.Next(type, random);
            byte[] a = new byte[left.Length];
            byte[] b = new byte[right.Length];
            Assert.True(RdataWire.TryCanonicalize(type, left, a, out _));
            Assert.True(RdataWire.TryCanonicalize(type, right, b, out _));
            Assert.Equal(Math.Sign(a.AsSpan().SequenceCompareTo(b)), Math.Sign(RdataWire.CompareCanonical(type, left, right)));
            Assert.Equal(0, RdataWire.CompareCanonical(type, left, a));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000).WithEndSize(100_000));
    }

    [Fact]
    public void Every_descriptor_tells_where_its_compressible_names_stand()
    {
        foreach (DnsRecordType type in RdataGenerator.Types)
        {
            RdataDescriptor descriptor = RdataDescriptor.For(type);
            int leading = 0;
            int names = 0;
            foreach (RdataField field in descriptor.Fields)
            {
                bool compressible = field.IsCompressible;
                Assert.True(!compressible || leading >= 0, $"{type}: compressible names must stand side by side");
                names += compressible ? 1 : 0;
                leading = compressible || names > 0 ? leading : field.FixedLength < 0 ? -1 : leading + field.FixedLength;
            }

            Assert.Equal(names, descriptor.CompressibleNames);
            Assert.Equal(names > 0 ? leading : 0, descriptor.LeadingOctets);
        }
    }

    [Fact]
    public void Octets_of_any_form_are_expanded_or_refused_without_reading_outside()
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            DnsRecordType type = RdataGenerator.Types[random.Next(RdataGenerator.Types.Length)];
            byte[] rdata = RdataGenerator.Next(type, random);
            if (rdata.Length > 0)
            {
                rdata[random.Next(rdata.Length)] ^= (byte)(1 << random.Next(8));
                rdata = rdata[..random.Next(rdata.Length + 1)];
            }

            byte[] message = [.. Prefix, .. rdata];
            byte[] expanded = new byte[65535];
            bool good = RdataWire.TryExpand(message, new DnsRecordView(12, type, DnsRecordClass.IN, 0, 0, Prefix.Length, rdata.Length), expanded, out int length);
            Assert.True(!good || RdataWire.IsWellFormed(type, expanded.AsSpan(0, length)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000).WithEndSize(100_000));
    }
}
