using System.Text;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Records;

public sealed class MnemonicTests
{
    [Fact]
    public void Every_type_reads_back()
    {
        byte[] text = new byte[DnsTypeText.MaxLength];
        for (int i = 0; i <= 65535; i++)
        {
            var type = (DnsRecordType)i;
            string formatted = DnsTypeText.Format(type);
            Assert.True(DnsTypeText.TryParse(formatted, out DnsRecordType read) && read == type);
            Assert.True(DnsTypeText.TryParse(formatted.ToLowerInvariant(), out read) && read == type);
            Assert.True(DnsTypeText.TryParse($"TYPE{i}", out read) && read == type);
            Assert.True(DnsTypeText.TryFormat(type, text, out int written));
            Assert.Equal(formatted, Encoding.ASCII.GetString(text, 0, written));
        }
    }

    [Fact]
    public void Every_named_type_class_and_code_has_its_mnemonic()
    {
        foreach (DnsRecordType type in Enum.GetValues<DnsRecordType>())
        {
            Assert.Equal(type == DnsRecordType.NSAPPTR ? "NSAP-PTR" : type.ToString(), DnsTypeText.Format(type));
        }

        foreach (DnsRecordClass @class in Enum.GetValues<DnsRecordClass>())
        {
            Assert.Equal(@class.ToString(), DnsClassText.Format(@class));
            Assert.True(DnsClassText.TryParse(@class.ToString(), out DnsRecordClass read) && read == @class);
        }

        foreach (DnsResponseCode code in Enum.GetValues<DnsResponseCode>())
        {
            Assert.DoesNotContain("RCODE", DnsResponseCodeText.Format(code), StringComparison.Ordinal);
            Assert.True(DnsResponseCodeText.TryParse(DnsResponseCodeText.Format(code), out DnsResponseCode read) && read == code);
        }

        foreach (DnsOpcode opcode in Enum.GetValues<DnsOpcode>())
        {
            Assert.DoesNotContain("OPCODE", DnsOpcodeText.Format(opcode), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("TYPE")]
    [InlineData("TYPE65536")]
    [InlineData("TYPE-1")]
    [InlineData("TYPE1x")]
    [InlineData("AA")]
    [InlineData("NOSUCHTYPE")]
    [InlineData("Ä")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_type_is_refused(string text)
    {
        Assert.False(DnsTypeText.TryParse(text, out _));
        Assert.False(DnsTypeText.TryParse(Encoding.UTF8.GetBytes(text), out _));
    }

    [Theory]
    [InlineData(0, "NOERROR")]
    [InlineData(3, "NXDOMAIN")]
    [InlineData(16, "BADVERS")]
    [InlineData(12, "RCODE12")]
    public void Response_codes_are_written_as_dig_does(int code, string text) => Assert.Equal(text, DnsResponseCodeText.Format((DnsResponseCode)code));

    [Fact]
    public void Known_values_are_formatted_without_allocating()
    {
        byte[] text = new byte[24];
        long allocated = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            int length = DnsTypeText.Format(DnsRecordType.AAAA).Length
                + DnsClassText.Format(DnsRecordClass.IN).Length
                + DnsResponseCodeText.Format(DnsResponseCode.NameError).Length
                + DnsOpcodeText.Format(DnsOpcode.Query).Length;
            DnsTypeText.TryFormat((DnsRecordType)65280, text, out int written);
            allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            Assert.Equal(4 + 2 + 8 + 5, length);
            Assert.Equal(9, written);
        }

        Assert.Equal(0, allocated);
    }
}
