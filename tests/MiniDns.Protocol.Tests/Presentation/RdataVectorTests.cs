using MiniDns.Protocol.Names;
using MiniDns.Protocol.Presentation;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Tests.Presentation;

/// <summary>Examples out of the RFCs, and the way dig prints them.</summary>
public sealed class RdataVectorTests
{
    [Theory]
    // RFC 9460 appendix D.1: alias mode
    [InlineData("HTTPS", "0 foo.example.com.", "000003666F6F076578616D706C6503636F6D00", null)]
    // appendix D.2: service mode
    [InlineData("SVCB", "1 .", "000100", null)]
    [InlineData("SVCB", "16 foo.example.com. port=53", "001003666F6F076578616D706C6503636F6D00000300020035", null)]
    [InlineData("SVCB", "1 foo.example.com. key667=hello", "000103666F6F076578616D706C6503636F6D00029B000568656C6C6F", "1 foo.example.com. key667=\"hello\"")]
    [InlineData("SVCB", "1 foo.example.com. key667=\"hello\\210qoo\"", "000103666F6F076578616D706C6503636F6D00029B000968656C6C6FD2716F6F", null)]
    [InlineData("SVCB", "1 foo.example.com. ( ipv6hint=\"2001:db8::1,2001:db8::53:1\" )", "000103666F6F076578616D706C6503636F6D000006002020010DB800000000000000000000000120010DB8000000000000000000530001", "1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1")]
    [InlineData("SVCB", "1 example.com. ( ipv6hint=\"2001:db8:122:344::192.0.2.33\" )", "0001076578616D706C6503636F6D000006001020010DB8012203440000" + "0000C0000221", "1 example.com. ipv6hint=2001:db8:122:344::c000:221")]
    [InlineData("SVCB", "16 foo.example.org. ( alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1 )", "001003666F6F076578616D706C65036F7267000000000400010004000100090268320568332D313900040004C0000201", "16 foo.example.org. mandatory=alpn,ipv4hint alpn=\"h2,h3-19\" ipv4hint=192.0.2.1")]
    [InlineData("SVCB", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"", "001003666F6F076578616D706C65036F72670000" + "01000C08665C6F6F2C626172026832", null)]
    [InlineData("SVCB", "16 foo.example.org. alpn=f\\\\\\092oo\\092,bar,h2", "001003666F6F076578616D706C65036F72670000" + "01000C08665C6F6F2C626172026832", "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\"")]
    // RFC 1876 §4
    [InlineData("LOC", "42 21 54 N 71 06 18 W -24m 30m", "0033161389172DD070BE15F000988D20", "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m")]
    [InlineData("LOC", "42 21 43.952 N 71 5 6.344 W -24m 1m 200m", "001224138917069070BF2DD800988D20", "42 21 43.952 N 71 5 6.344 W -24.00m 1m 200m 10m")]
    [InlineData("LOC", "52 14 05 N 00 08 50 E 10m", "001216138B3556C88008165000989A68", "52 14 5.000 N 0 8 50.000 E 10.00m 1m 10000m 10m")]
    [InlineData("LOC", "32 7 19 S 116 2 25 E 10m", "00121613791B7D2898E6486800989A68", "32 7 19.000 S 116 2 25.000 E 10.00m 1m 10000m 10m")]
    // RFC 3123 §4, §5
    [InlineData("APL", "1:192.168.32.0/21 !1:192.168.38.0/28", "00011503C0A82000011C83C0A826", null)]
    [InlineData("APL", "1:224.0.0.0/4  2:FF00:0:0:0:0:0:0:0/8", "00010401E000020801FF", "1:224.0.0.0/4 2:ff00::/8")]
    [InlineData("APL", "", "", null)]
    // RFC 4034 §2.3, §3.3, §4.3, §5.4
    [InlineData("RRSIG", "A 5 3 86400 20030322173103 ( 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o= )", "00010503000151803E7C9DD73E5510D70A52076578616D706C6503636F6D00A090755BA58D1AFFA576F4375831B4310920E481218D18A9F164EB3D81AFD3B875D3C75428631E0CF2A28D50875F70C329D7DBFAFEA807DC1FBA1DC34C95D401F23F334CE63BFCF3F1B5B44739E5F0EDED18D6B33F040A911376D173D757A9F0C1FA1798941BB0B36B2DF9062790FA7F0166F2737EEA907378341FB12DC0A77A", "A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip8WTrPYGv07h108dUKGMeDPKijVCHX3DDKdfb+v6oB9wfuh3DTJXUAfI/M0zmO/zz8bW0Rznl8O3tGNazPwQKkRN20XPXV6nwwfoXmJQbsLNrLfkGJ5D6fwFm8nN+6pBzeDQfsS3Ap3o=")]
    [InlineData("NSEC", "host.example.com. ( A MX RRSIG NSEC TYPE1234 )", "04686F7374076578616D706C6503636F6D000006400100000003041B000000000000000000000000000000000000000000000000000020", "host.example.com. A MX RRSIG NSEC TYPE1234")]
    [InlineData("DS", "60485 5 1 ( 2BB183AF5F22588179A53B0A 98631FAD1A292118 )", "EC4505012BB183AF5F22588179A53B0A98631FAD1A292118", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118")]
    [InlineData("DS", "60485 RSASHA1 1 2bb183af", "EC4505012BB183AF", "60485 5 1 2BB183AF")]
    // RFC 5155 appendix A
    [InlineData("NSEC3", "1 1 12 aabbccdd ( 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG )", "0101000C04AABBCCDD14174EB2409FE28BCB4887A1836F957F0A8425E27B000722010000000290", "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR NS SOA MX RRSIG DNSKEY NSEC3PARAM")]
    [InlineData("NSEC3PARAM", "1 0 0 -", "0100000000", null)]
    // RFC 3597 §5
    [InlineData("TYPE731", "\\# 6 abcd ( ef 01 23 45 )", "ABCDEF012345", "\\# 6 ABCDEF012345")]
    [InlineData("TYPE62347", "\\# 0", "", null)]
    [InlineData("A", "\\# 4 0A000001", "0A000001", "10.0.0.1")]
    // RFC 4025 §3.2
    [InlineData("IPSECKEY", "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==", "0A0102C0000226010351537986ED35533B6064478EEEB27B5BD74DAE149B6E81BA3A0521AF82AB7801", null)]
    [InlineData("IPSECKEY", "10 0 2 . AQNR", "0A0002010351", null)]
    [InlineData("IPSECKEY", "10 2 2 2001:0DB8:0:8002::2000:1 AQNR", "0A020220010DB8000080020000000020000001010351", "10 2 2 2001:db8:0:8002::2000:1 AQNR")]
    [InlineData("IPSECKEY", "10 3 2 mygateway.example.com. AQNR", "0A0302096D7967617465776179076578616D706C6503636F6D00010351", null)]
    // RFC 8777 §4.3.2
    [InlineData("AMTRELAY", "10 0 1 203.0.113.15", "0A01CB00710F", null)]
    [InlineData("AMTRELAY", "128 1 3 amtrelays.example.com.", "808309616D7472656C617973076578616D706C6503636F6D00", null)]
    [InlineData("AMTRELAY", "10 0 0 .", "0A00", null)]
    // RFC 8005 appendix
    [InlineData("HIP", "2 200100107B1A74DF365639CC39F1D578 AwEAAbdx rvs1.example.com. rvs2.example.com.", "10020006200100107B1A74DF365639CC39F1D57803010001B771" + "0472767331076578616D706C6503636F6D00" + "0472767332076578616D706C6503636F6D00", null)]
    // RFC 6742, RFC 7043, RFC 7553, RFC 8659, RFC 1706, RFC 3403, RFC 7477, RFC 9859
    [InlineData("NID", "10 0014:4fff:ff20:ee64", "000A00144FFFFF20EE64", "10 14:4fff:ff20:ee64")]
    [InlineData("L32", "10 10.1.2.0", "000A0A010200", null)]
    [InlineData("L64", "10 2001:0DB8:1140:1000", "000A20010DB811401000", "10 2001:db8:1140:1000")]
    [InlineData("EUI48", "00-00-5E-00-53-2A", "00005E00532A", "00-00-5e-00-53-2a")]
    [InlineData("EUI64", "00-00-5e-ef-10-00-00-2a", "00005EEF1000002A", null)]
    [InlineData("URI", "10 1 \"ftp://ftp1.example.com/public\"", "000A00016674703A2F2F667470312E6578616D706C652E636F6D2F7075626C6963", null)]
    [InlineData("CAA", "0 issue \"ca1.example.net; account=230123\"", "000569737375656361312E6578616D706C652E6E65743B206163636F756E743D323330313233", null)]
    [InlineData("CAA", "128 tbs Unknown", "8003746273556E6B6E6F776E", "128 tbs \"Unknown\"")]
    [InlineData("NSAP", "0x47.0005.80.005a00.0000.0001.e133.ffffff000161.00", "47000580005A0000000001E133FFFFFF00016100", "0x47000580005a0000000001e133ffffff00016100")]
    [InlineData("NAPTR", "100 50 \"s\" \"http+N2L+N2C+N2R\" \"\" www.example.com.", "00640032017310687474702B4E324C2B4E32432B4E32520003777777076578616D706C6503636F6D00", null)]
    [InlineData("CSYNC", "66 3 A NS AAAA", "0000004200030004600000" + "08", null)]
    [InlineData("DSYNC", "CDS NOTIFY 5359 cds-scanner.example.net.", "003B0114EF0B6364732D7363616E6E6572076578616D706C65036E657400", null)]
    [InlineData("CERT", "PGP 0 0 AQID", "0003000000010203", null)]
    [InlineData("CERT", "1 2 8 AQID", "0001000208010203", "PKIX 2 RSASHA256 AQID")]
    // RFC 1035 and others, as dig prints them
    [InlineData("TXT", "a \"b c\" \"\" \"\\\"\\\\;\\200\"", "016103622063000" + "4225C3BC8", "\"a\" \"b c\" \"\" \"\\\"\\\\;\\200\"")]
    [InlineData("HINFO", "PC-Intel-700mhz \"Redhat Linux 7.1\"", "0F50432D496E74656C2D3730306D687A105265646861742" + "04C696E757820372E31", "\"PC-Intel-700mhz\" \"Redhat Linux 7.1\"")]
    [InlineData("SOA", "a. b. 1 1h 15m 1w 1d", "0161000162000000000100000E100000038400093A8000015180", "a. b. 1 3600 900 604800 86400")]
    [InlineData("WKS", "128.8.1.14 TCP ( telnet smtp ftp )", "8008010E0600000540", "128.8.1.14 6 21 23 25")]
    [InlineData("AAAA", "::ffff:192.0.2.1", "00000000000000000000FFFFC0000201", null)]
    [InlineData("AAAA", "2001:DB8:0:0:1:0:0:1", "20010DB8000000000001000000000001", "2001:db8::1:0:0:1")]
    [InlineData("AAAA", "::", "00000000000000000000000000000000", null)]
    [InlineData("AAAA", "1:0:2:3:4:5:6:7", "00010000000200030004000500060007", null)]
    [InlineData("A6", "64 ::1 sub.example.", "4000000000000000010373756207" + "6578616D706C6500", null)]
    [InlineData("A6", "0 2001:db8::1", "0020010DB8000000000000000000000001", null)]
    [InlineData("A6", "128 a.", "80016100", null)]
    [InlineData("NXT", "a. NS SOA TXT SIG NXT", "01610022008082", null)]
    [InlineData("KEY", "49152 3 1", "C0000301", null)]
    [InlineData("TSIG", "hmac-sha256. 1549811967 300 4 AQIDBA== 1234 BADSIG 0", "0B686D61632D7368613235360000005C6040FF012C00040102030404D200100000", null)]
    [InlineData("ISDN", "\"150862028003217\" \"004\"", "0F31353038363230323830303332313703303034", null)]
    [InlineData("RP", "louie.trantor.umd.edu. .", "056C6F756965077472616E746F7203756D640365647500" + "00", null)]
    public void Text_and_wire_match(string type, string text, string wire, string? printed)
    {
        Assert.True(DnsTypeText.TryParse(type, out DnsRecordType value));
        Assert.Equal(wire, Convert.ToHexString(RdataText.Parse(value, text)));
        Assert.Equal(printed ?? text, RdataText.Format(value, Convert.FromHexString(wire)));
    }

    [Theory]
    // RFC 9460 appendix D.3
    [InlineData("SVCB", "1 foo.example.com. ( key123=abc key123=def )")]
    [InlineData("SVCB", "1 foo.example.com. mandatory")]
    [InlineData("SVCB", "1 foo.example.com. alpn")]
    [InlineData("SVCB", "1 foo.example.com. port")]
    [InlineData("SVCB", "1 foo.example.com. ipv4hint")]
    [InlineData("SVCB", "1 foo.example.com. ipv6hint")]
    [InlineData("SVCB", "1 foo.example.com. no-default-alpn=abc")]
    [InlineData("SVCB", "1 foo.example.com. mandatory=key123")]
    [InlineData("SVCB", "1 foo.example.com. mandatory=mandatory")]
    [InlineData("SVCB", "1 foo.example.com. ( mandatory=key123,key123 key123=abc )")]
    [InlineData("SVCB", "1 foo.example.com. no-default-alpn")]
    [InlineData("SVCB", "1 foo.example.com. alpn=h2,")]
    [InlineData("SVCB", "1 foo.example.com. port=65536")]
    [InlineData("A", "192.0.2")]
    [InlineData("A", "192.0.2.01")]
    [InlineData("A", "192.0.2.1.")]
    [InlineData("AAAA", "1:2:3:4:5:6:7")]
    [InlineData("AAAA", "1:2:3:4:5:6:7:8:9")]
    [InlineData("AAAA", "1::2::3")]
    [InlineData("AAAA", "1:2:3:4:5:6:7::8:9")]
    [InlineData("AAAA", "12345::")]
    [InlineData("AAAA", "1:")]
    [InlineData("AAAA", ":1::")]
    [InlineData("AAAA", "fe80::1%eth0")]
    [InlineData("LOC", "91 N 0 E 0m")]
    [InlineData("LOC", "90 0 0.001 N 0 E 0m")]
    [InlineData("LOC", "1 60 N 0 E 0m")]
    [InlineData("LOC", "1 E 0 E 0m")]
    [InlineData("APL", "3:192.0.2.0/24")]
    [InlineData("APL", "1:192.0.2.0/33")]
    [InlineData("NSEC3", "1 1 12 aabbccdd ! A")]
    [InlineData("EUI48", "00-00-5e-00-53")]
    [InlineData("NID", "10 1:2:3")]
    [InlineData("TXT", "")]
    [InlineData("NULL", "x")]
    [InlineData("MX", "10 a\nb")]
    [InlineData("DS", "60485 5 1")]
    [InlineData("RRSIG", "A 5 3 86400 20030231000000 20030220173103 2642 example.com. AA==")]
    public void Bad_text_is_refused(string type, string text)
    {
        Assert.True(DnsTypeText.TryParse(type, out DnsRecordType value));
        Assert.False(RdataText.TryParse(value, text, null, out _, out string? error));
        Assert.False(string.IsNullOrEmpty(error));
    }

    [Theory]
    [InlineData("A", "010203")]
    [InlineData("TXT", "")]
    [InlineData("TXT", "0561")]
    [InlineData("MX", "000A")]
    [InlineData("MX", "000AC00C")]
    [InlineData("NSEC", "000001")]                      // a bitmap cut short
    [InlineData("NSEC", "00000100")]                    // an empty octet at its end
    [InlineData("NSEC", "00010140000140")]              // windows that descend
    [InlineData("LOC", "01121613800000008000000000989680")]
    [InlineData("LOC", "00021613800000008000000000989680")]
    [InlineData("APL", "0001180400000000")]             // trailing zeros
    [InlineData("SVCB", "000100000300020035000100030268" + "32")]
    [InlineData("HIP", "0002000000")]
    [InlineData("NSEC3", "0100000000" + "00")]
    public void Malformed_rdata_is_printed_in_the_generic_form(string type, string wire)
    {
        Assert.True(DnsTypeText.TryParse(type, out DnsRecordType value));
        byte[] rdata = Convert.FromHexString(wire);
        Assert.False(RdataWire.IsWellFormed(value, rdata));
        Assert.Equal(rdata.Length == 0 ? "\\# 0" : $"\\# {rdata.Length} {wire}", RdataText.Format(value, rdata));
    }

    [Fact]
    public void Relative_names_are_completed_by_the_origin()
    {
        Assert.True(RdataText.TryParse(DnsRecordType.SOA, "ns @ 1 2 3 4 5", DnsName.Parse("example"), out byte[]? rdata, out _));
        Assert.Equal("ns.example. example. 1 2 3 4 5", RdataText.Format(DnsRecordType.SOA, rdata));
    }
}
