using System.Text;
using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Tests.Records;

namespace MiniDns.Protocol.Tests.Presentation;

public sealed class RdataTextPropertyTests
{
    public static TheoryData<DnsRecordType> Types => [.. RdataGenerator.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void Wire_to_text_to_wire_is_the_identity(DnsRecordType type)
    {
        Prop.ForAll<int>(seed =>
        {
            byte[] rdata = RdataGenerator.Next(type, new Random(seed));
            Assert.True(RdataWire.IsWellFormed(type, rdata), $"seed {seed}: {Convert.ToHexString(rdata)}");
            string text = RdataText.Format(type, rdata);
            Assert.True(RdataText.TryParse(type, text, null, out byte[]? read, out string? error), $"seed {seed}: {text}: {error}");
            Assert.Equal(Convert.ToHexString(rdata), Convert.ToHexString(read));
            Assert.Equal(text, RdataText.Format(type, read));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_generic_form_reads_back_for_every_type(DnsRecordType type)
    {
        Prop.ForAll<int>(seed =>
        {
            byte[] rdata = RdataGenerator.Next(type, new Random(seed));
            string text = $"\\# {rdata.Length} ( {Convert.ToHexString(rdata, 0, rdata.Length / 2)} {Convert.ToHexString(rdata, rdata.Length / 2, rdata.Length - (rdata.Length / 2))} )";
            Assert.Equal(rdata, RdataText.Parse(type, text));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Octets_of_any_form_have_a_text(DnsRecordType type)
    {
        Prop.ForAll<byte[]>(rdata =>
        {
            string text = RdataText.Format(type, rdata);
            bool wellFormed = RdataWire.IsWellFormed(type, rdata);
            Assert.True(wellFormed || text.StartsWith("\\# ", StringComparison.Ordinal), text);
            Assert.Equal(wellFormed, RdataText.TryParse(type, text, null, out byte[]? read, out _));
            Assert.True(!wellFormed || read.AsSpan().SequenceEqual(rdata), text);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Mangled_text_never_throws(DnsRecordType type)
    {
        Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] text = Encoding.ASCII.GetBytes(RdataText.Format(type, RdataGenerator.Next(type, random)));
            for (int i = random.Next(1, 4); i > 0 && text.Length > 0; i--)
            {
                text[random.Next(text.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "\\\"();.,-= 019\n"[random.Next(14)]);
            }

            byte[] rdata = new byte[65535];
            bool read = RdataText.TryParse(type, text, Protocol.Names.DnsName.Root.View, rdata, out int length, out string? error);
            Assert.Equal(read, error is null);
            Assert.True(!read || RdataWire.IsWellFormed(type, rdata.AsSpan(0, length)), Encoding.Latin1.GetString(text));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_destination_that_is_too_short_is_said_so(DnsRecordType type)
    {
        Prop.ForAll<int>(seed =>
        {
            byte[] rdata = RdataGenerator.Next(type, new Random(seed));
            string text = RdataText.Format(type, rdata);
            byte[] exact = new byte[text.Length];
            Assert.True(RdataText.TryFormat(type, rdata, exact, out int written));
            Assert.Equal(text, Encoding.ASCII.GetString(exact, 0, written));
            for (int i = 0; i < text.Length; i += 1 + (text.Length / 17))
            {
                Assert.False(RdataText.TryFormat(type, rdata, exact.AsSpan(0, i), out _));
            }

            for (int i = 0; i < rdata.Length; i += 1 + (rdata.Length / 17))
            {
                Assert.False(RdataText.TryParse(type, exact, Protocol.Names.DnsName.Root.View, new byte[i], out _, out _));
            }
        }).QuickCheckThrowOnFailure();
    }
}
