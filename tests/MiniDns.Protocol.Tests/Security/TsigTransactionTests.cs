using FsCheck;
using FsCheck.Fluent;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Security;

namespace MiniDns.Protocol.Tests.Security;

public sealed class TsigTransactionTests
{
    /// <summary>MACs that dnspython 2 makes of the same messages, with a key of the octets 0 to 31 at 2026-01-01: a query, a reply of
    /// three messages, and between the last two of them one that is not signed.</summary>
    [Theory]
    [InlineData("hmac-sha1", "DEF4C249374EA4E1E03F0381B3E29C2BB18DE8B3", "E620BE25823E0251EA239EA7F038F43265E21691", "45B1ADC990494052DAC18591D756F0515844702C", "48EA75E4EF88439A3559FD2D18867079DBD51E45")]
    [InlineData("hmac-sha224", "078AA2627BD47CB2C32F5BABD1E809E6A6E2912E2809AC7B423C23AD", "FA7E6908A8CF383F21B9E361379D2CE6E7B8D989C40D053ABEF2A960", "CE9F13E1CC7676CC254A0056D8D523F380E4B799228B44103E4B02E8", "81658CEFA58DB47DD1D4114020C523F0E532DEDDCB9BE8FC1AEBB65C")]
    [InlineData("hmac-sha256", "94AC9078EEAF918DAEBE9AADCACC78ED6463CBCE03762335A9DA7B9DFF62011E", "710A43CDF3E328E9BC42A56DF35FBAC7BD107647AAA161C3793644D52AD34258", "278D68D69513F723D29AE3D6593B9B5B2C54F78DC49917F2428158C597661763", "C60F6535FE738DBF9ACC8683E406DD723C9E6DBBD7A3C53E374A03C9350456EB")]
    [InlineData("hmac-sha256-128", "A8A322428A5D10F98ADAB76F803B5D8A", "00CC167C7486717C29C7C8EDE97D416E", "FC184B1EEC197BE9C29B8C558E54B121", "B37EE1711884358DB91F4E5D320946F9")]
    [InlineData("hmac-sha384", "F8FA16E8391D9C05CB6154BA2C5FF1444CE738F5B0CD46F6235649E77C6BEDA38307A68B7F60438AEDAAACBBD750BC1B", "D3FE744B9909B7CA2EEBD91706BD7FBD55C23A31E4EA45EC3155C8EB965972F512A26B3DBDA4FDFF6F7FAE644F05450B", "080DEAC139E364B7AC0F01163294AE1C1AD2D61F2E6A69374715F557364B306591F2910EEAB1CCFB29EE74D50DA1F786", "6FE224C59C7D4616B73AF09FF4953BACB8695D101A25056456926AC3B9C136421BBFC7EDDEB74C73F4EFFB2AFDEE7BA5")]
    [InlineData("hmac-sha512", "E040DB8B78DD0127D86419CA768C4F70B71859D920853DCECF77A7EFAECF207EF8FE51494FDF445A9F33C3D3C7B24861A0F46FFCDB475B21B7643D5A17797F84", "D983099DDE754166B3267D301CE8BECBE45A722AE182DF9C3C9EF1D21E6F8EDB5939AC1EC1F933784A414BA2F6927871EF7A6262ED145521BC64F01E3478BFA3", "1B8E63626F8427C46DDF08E1794DA2DB883F880F9BB8EF898A844CF625C396256CF213C20CFAF9307A4B1B95DD2D929E4C0A14699A3B2F676C6ACE75CB21ABEA", "509587B5ED543116667189DDAE99E4F11ED6B7D061D632A03F1C31358DF8B0B63E4E676A15CADAAE40240E784EB2CEA4D0FC58707295D3EF4E820EFE4A32697A")]
    public void Rfc8945_4_3_MACs_are_those_of_another_implementation(string algorithm, string query, string first, string second, string third)
    {
        bool isCutByName = algorithm == "hmac-sha256-128";
        TsigPair pair = new(isCutByName ? "hmac-sha256" : algorithm);
        if (!isCutByName)
        {
            byte[] request = pair.Request();
            Assert.Equal(query, Mac(request));
            Assert.Equal(TsigStatus.Good, pair.Receive(request));
            byte[] reply = pair.Reply(1);
            Assert.Equal(first, Mac(reply));
            Assert.Equal(TsigStatus.Good, pair.Client.Verify(reply));
            Assert.True(pair.Client.IsComplete);

            pair.Server.Advance();
            reply = pair.Reply(2);
            Assert.Equal(second, Mac(reply));
            Assert.Equal(TsigStatus.Good, pair.Client.Verify(reply));
            Assert.Equal(TsigStatus.Unsigned, pair.Client.Verify(TsigPair.Message(isReply: true, 9)));
            Assert.False(pair.Client.IsComplete);
            Assert.Equal(TsigStatus.Good, pair.Client.Verify(Signed(TsigPair.Message(isReply: true, 3), "test.key.", algorithm, Convert.FromHexString(third))));
            Assert.True(pair.Client.IsComplete);
            return;
        }

        // The name says that the MAC is cut: our keys take it, and answer in kind, but do not ask so.
        pair = new TsigPair("hmac-sha256", serverAlgorithm: null);
        Assert.Equal(TsigStatus.Good, pair.Receive(Signed(TsigPair.Message(isReply: false), "test.key.", algorithm, Convert.FromHexString(query))));
        Assert.Equal(first, Mac(pair.Reply(1)));
        pair.Server.Advance();
        Assert.Equal(second, Mac(pair.Reply(2)));
        Assert.Equal(32, third.Length);
    }

    [Fact]
    public void The_same_message_may_be_signed_twice()
    {
        TsigPair pair = new();
        Assert.Equal(TsigStatus.Good, pair.Receive(pair.Request()));
        Assert.Equal(pair.Reply(1), pair.Reply(1));
        pair.Server.Advance();
        Assert.Equal(pair.Reply(2), pair.Reply(2));
    }

    [Fact]
    public void Rfc8945_5_2_1_an_unknown_key_is_BADKEY_and_answered_unsigned()
    {
        TsigPair pair = new(serverName: "other.key.");
        Assert.Equal(TsigStatus.BadKey, pair.Receive(pair.Request()));
        Assert.Null(pair.Server.Key);
        AssertUnsignedError(pair, DnsResponseCode.BadKey);
    }

    [Theory]
    [InlineData("hmac-sha256", "hmac-sha512")]
    [InlineData("hmac-sha1", "hmac-sha224")]
    public void Rfc8945_5_2_1_another_algorithm_than_the_keys_is_BADKEY(string clients, string servers)
    {
        TsigPair pair = new(clients, servers);
        Assert.Equal(TsigStatus.BadKey, pair.Receive(pair.Request()));
        AssertUnsignedError(pair, DnsResponseCode.BadKey);
    }

    [Theory]
    [InlineData("hmac-md5.sig-alg.reg.int.")]
    [InlineData("gss-tsig.")]
    public void Rfc8945_5_2_1_an_algorithm_that_nobody_knows_is_BADKEY(string algorithm)
    {
        TsigPair pair = new(serverAlgorithm: null);
        Assert.Equal(TsigStatus.BadKey, pair.Receive(Signed(TsigPair.Message(isReply: false), "test.key.", algorithm, new byte[16])));
    }

    [Theory]
    [InlineData("hmac-sha1")]
    [InlineData("hmac-sha224")]
    [InlineData("hmac-sha384")]
    [InlineData("hmac-sha512")]
    public void A_key_without_an_algorithm_takes_each(string algorithm)
    {
        TsigPair pair = new(algorithm, serverAlgorithm: null);
        Assert.Equal(TsigStatus.Good, pair.Receive(pair.Request()));
        Assert.Same(pair.ServerKey, pair.Server.Key);
        Assert.Equal(TsigStatus.Good, pair.Client.Verify(pair.Reply(1)));
    }

    [Fact]
    public void Rfc8945_5_2_2_another_secret_is_BADSIG_and_answered_unsigned()
    {
        TsigPair pair = new(serverSecret: [1, 2, 3]);
        Assert.Equal(TsigStatus.BadSignature, pair.Receive(pair.Request()));
        Assert.Null(pair.Server.Key);
        AssertUnsignedError(pair, DnsResponseCode.BadVersion);
    }

    [Fact]
    public void Rfc8945_5_2_2_no_octet_of_a_signed_message_can_be_changed()
    {
        byte[] request = new TsigPair().Request();
        Prop.ForAll(
            Gen.Choose(0, request.Length - 1).ToArbitrary(),
            Gen.Choose(1, 255).ToArbitrary(),
            (at, change) =>
            {
                byte[] changed = [.. request];
                changed[at] ^= (byte)change;
                TsigPair pair = new();
                bool isId = at < 2;                                     // the original id counts, for forwarders change the other
                bool isCase = change == 0x20 && char.IsAsciiLetter((char)request[at]) && at > 33;    // names of key and algorithm: case means nothing
                bool isTtl = at is >= 47 and < 51;                      // digested as zero, whatever it is
                bool isGood = TsigRecord.TryLocate(changed, out int offset) && offset > 0 && pair.Server.Verify(changed, offset, pair.Keys, pair.ServerClock) == TsigStatus.Good;
                return isGood == (isId || isCase || isTtl);
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(300, TsigStatus.Good)]
    [InlineData(-300, TsigStatus.Good)]
    [InlineData(301, TsigStatus.BadTime)]
    [InlineData(-301, TsigStatus.BadTime)]
    public void Rfc8945_5_2_3_times_differ_by_the_fudge_at_most(int ahead, TsigStatus expected)
    {
        TsigPair pair = new();
        pair.ServerClock.Seconds += ahead;
        Assert.Equal(expected, pair.Receive(pair.Request()));
    }

    [Fact]
    public void Rfc8945_5_2_3_BADTIME_is_answered_signed_with_both_times()
    {
        TsigPair pair = new();
        pair.ServerClock.Seconds += 1000;
        Assert.Equal(TsigStatus.BadTime, pair.Receive(pair.Request()));
        byte[] reply = pair.Reply(0);
        TsigRecord record = TsigPair.Read(reply, new byte[TsigRecord.NamesLength]);
        Assert.Equal((DnsResponseCode.BadTime, (ulong)TsigPair.Now, 32, 6), (record.Error, record.TimeSigned, record.Mac.Length, record.OtherData.Length));
        Assert.Equal(TsigStatus.PeerError, pair.Client.Verify(reply));
        Assert.Equal((DnsResponseCode.BadTime, (ulong)(TsigPair.Now + 1000)), (pair.Client.PeerError, pair.Client.PeerTime));

        // A forged one is found out.
        pair.Client.Sign(new byte[512], 12);
        Assert.Equal(TsigStatus.BadSignature, pair.Client.Verify(reply));
    }

    [Theory]
    [InlineData("hmac-sha256", 33, TsigStatus.Malformed)]
    [InlineData("hmac-sha256", 31, TsigStatus.BadTruncation)]
    [InlineData("hmac-sha256", 16, TsigStatus.BadTruncation)]
    [InlineData("hmac-sha256", 15, TsigStatus.Malformed)]
    [InlineData("hmac-sha256", 0, TsigStatus.Malformed)]
    [InlineData("hmac-sha1", 10, TsigStatus.BadTruncation)]
    [InlineData("hmac-sha1", 9, TsigStatus.Malformed)]
    [InlineData("hmac-sha512", 32, TsigStatus.BadTruncation)]
    [InlineData("hmac-sha512", 31, TsigStatus.Malformed)]
    public void Rfc8945_5_2_2_1_MACs_can_be_cut_to_half_which_is_not_taken_unless_said(string algorithm, int length, TsigStatus expected)
    {
        TsigPair pair = new(algorithm);
        Assert.Equal(expected, pair.Receive(TsigPair.CutMac(pair.Request(), length)));
    }

    [Fact]
    public void Rfc8945_5_2_4_BADTRUNC_is_answered_signed()
    {
        TsigPair pair = new("hmac-sha256-128", "hmac-sha256");
        Assert.Equal(TsigStatus.BadTruncation, pair.Receive(pair.Request()));
        byte[] reply = pair.Reply(0);
        Assert.Equal(DnsResponseCode.BadTruncation, TsigPair.Read(reply, new byte[TsigRecord.NamesLength]).Error);
        Assert.Equal(TsigStatus.PeerError, pair.Client.Verify(reply));
        Assert.Equal(DnsResponseCode.BadTruncation, pair.Client.PeerError);
    }

    [Fact]
    public void Rfc8945_5_2_2_1_a_key_with_cut_MACs_sends_them_and_takes_longer_ones()
    {
        TsigPair pair = new("hmac-sha256-128");
        byte[] request = pair.Request();
        Assert.Equal(32, Mac(request).Length);
        Assert.Equal(TsigStatus.Good, pair.Receive(request));
        byte[] reply = pair.Reply(1);
        Assert.Equal(32, Mac(reply).Length);
        Assert.Equal(TsigStatus.Good, pair.Client.Verify(reply));
        pair.Server.Advance();
        Assert.Equal(TsigStatus.Good, pair.Client.Verify(pair.Reply(2)));

        pair = new TsigPair("hmac-sha256", "hmac-sha256-128");
        Assert.Equal(TsigStatus.Good, pair.Receive(pair.Request()));
        Assert.Equal(TsigStatus.BadTruncation, pair.Client.Verify(pair.Reply(1)));
    }

    [Fact]
    public void Rfc8945_5_3_1_the_first_message_is_signed_and_99_after_it_may_not_be()
    {
        TsigPair pair = new();
        pair.Receive(pair.Request());
        byte[] plain = TsigPair.Message(isReply: true, 5);
        Assert.Equal(TsigStatus.SignatureMissing, pair.Client.Verify(plain));

        Assert.Equal(TsigStatus.Good, pair.Client.Verify(pair.Reply(1)));
        for (int i = 0; i < 99; i++)
        {
            Assert.Equal(TsigStatus.Unsigned, pair.Client.Verify(plain));
        }

        Assert.Equal(TsigStatus.SignatureMissing, pair.Client.Verify(plain));
    }

    [Fact]
    public void Rfc8945_5_3_1_messages_of_a_stream_cannot_change_places()
    {
        TsigPair pair = new();
        pair.Receive(pair.Request());
        byte[] first = pair.Reply(1);
        pair.Server.Advance();
        byte[] second = pair.Reply(2);
        pair.Server.Advance();
        byte[] third = pair.Reply(3);
        Assert.Equal(TsigStatus.Good, pair.Client.Verify(first));
        Assert.Equal(TsigStatus.BadSignature, pair.Client.Verify(third));

        pair.Request();
        Assert.Equal(TsigStatus.BadSignature, pair.Client.Verify(second));
    }

    [Fact]
    public void Rfc8945_5_4_a_reply_to_another_request_does_not_hold()
    {
        TsigPair pair = new();
        pair.Receive(pair.Request());
        byte[] reply = pair.Reply(1);
        pair.ClientClock.Seconds++;
        pair.Request();
        Assert.Equal(TsigStatus.BadSignature, pair.Client.Verify(reply));
        Assert.False(pair.Client.IsComplete);
    }

    [Fact]
    public void Rfc8945_5_1_the_record_is_the_last_one_and_the_only_one()
    {
        TsigPair pair = new();
        byte[] request = pair.Request();
        Assert.True(TsigRecord.TryLocate(TsigPair.Message(isReply: false), out int none));
        Assert.Equal(0, none);
        Assert.False(TsigRecord.TryLocate([.. request, 0], out _));
        byte[] twice = [.. request, .. request[33..]];
        twice[11] = 2;
        Assert.False(TsigRecord.TryLocate(twice, out _));
        byte[] answers = [.. request];
        (answers[7], answers[11]) = (1, 0);
        Assert.False(TsigRecord.TryLocate(answers, out _));
    }

    [Fact]
    public void No_octets_make_it_throw()
    {
        byte[] request = new TsigPair().Request();
        Prop.ForAll(
            Gen.ArrayOf(Gen.Choose(0, 255), 8).ToArbitrary(),
            Gen.Choose(0, request.Length).ToArbitrary(),
            (noise, length) =>
            {
                byte[] message = request[..length];
                for (int i = 0; i + 1 < noise.Length && length > 0; i += 2)
                {
                    message[noise[i] * 257 % length] = (byte)noise[i + 1];
                }

                TsigPair pair = new();
                pair.Client.Sign(new byte[512], 12);
                pair.Client.Verify(message);
                if (TsigRecord.TryLocate(message, out int offset) && offset > 0)
                {
                    pair.Server.Verify(message, offset, pair.Keys, pair.ServerClock);
                    pair.Reply(1);
                }
            }).QuickCheckThrowOnFailure();
    }

    private static void AssertUnsignedError(TsigPair pair, DnsResponseCode error)
    {
        byte[] reply = pair.Reply(0);
        TsigRecord record = TsigPair.Read(reply, new byte[TsigRecord.NamesLength]);
        Assert.Equal((error, 0, 0ul, 0), (record.Error, record.Mac.Length, record.TimeSigned, record.OtherData.Length));
        Assert.Equal("test.key.", record.KeyName.ToString());
        Assert.Equal(TsigStatus.PeerError, pair.Client.Verify(reply));
        Assert.Equal(error, pair.Client.PeerError);
    }

    private static string Mac(byte[] message) => Convert.ToHexString(TsigPair.Read(message, new byte[TsigRecord.NamesLength]).Mac);

    private static byte[] Signed(byte[] message, string key, string algorithm, byte[] mac)
    {
        byte[] buffer = new byte[1024];
        message.CopyTo(buffer, 0);
        TsigRecord record = TsigRecord.Make(DnsName.Parse(key).View, DnsName.Parse(algorithm).View, (ulong)TsigPair.Now, 300, mac, 0x1234, DnsResponseCode.NoError, default);
        return buffer[..TsigRecord.Append(buffer, message.Length, record)];
    }
}
