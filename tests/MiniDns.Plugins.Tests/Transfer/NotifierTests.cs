using System.Net;
using MiniDns.Plugins.Tests.Tsig;
using MiniDns.Plugins.Transfer;
using MiniDns.Plugins.Tsig;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Protocol.Security;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Transfer;

public sealed class NotifierTests
{
    private static readonly DnsName Zone = DnsName.Parse("example.org.");

    [Fact]
    public async Task Rfc1996_3_A_change_is_told_once_with_the_new_SOA()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer {{\nto * {secondary.Address}\n}}", new FakeZone("example.org.", 7));
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "accepted") == 1);
        FakeQuery query = Assert.Single(secondary.Queries);
        var message = new ParsedMessage(query.Message);
        Assert.Equal(DnsOpcode.Notify, message.Header.Opcode);
        Assert.True(message.Header.IsAuthoritative && !message.Header.IsResponse);
        Assert.Equal("example.org.", query.Name);
        Assert.Equal(DnsRecordType.SOA, query.Type);
        ParsedMessage.Record soa = Assert.Single(message.Records);
        Assert.Equal((DnsSection.Answer, DnsRecordType.SOA), (soa.Section, soa.Type));
        Assert.EndsWith("00000007" + new string('0', 32), soa.Rdata, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zones_are_told_of_when_they_are_loaded_and_when_they_change()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer example.org {{\nto {secondary.Address}\n}}");
        var zone = new RandomZone(1);
        bench.Served.Publish(zone.Next());
        await bench.Harness.StartAsync();
        await UntilAsync(() => Count(bench, "accepted") == 1);
        bench.Served.Publish(zone.Next());
        await UntilAsync(() => Count(bench, "accepted") == 2);
        Assert.All(secondary.Queries, q => Assert.Equal("example.org.", q.Name));
    }

    [Fact]
    public async Task What_changes_before_the_start_is_told_at_the_start()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}", new FakeZone("example.org.", 7));
        bench.Zones.Notifier!.ZoneChanged(Zone);
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await bench.Harness.StartAsync();
        await UntilAsync(() => Count(bench, "accepted") == 1);
        Assert.Single(secondary.Queries);
    }

    [Fact]
    public async Task Every_server_of_the_directive_is_told_and_no_other()
    {
        await using var first = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var second = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var third = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer example.org {{\nto {first.Address} {second.Address}\nto {first.Address}\n}}\ntransfer example.net {{\nto {third.Address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        bench.Zones.Notifier!.ZoneChanged(DnsName.Parse("example.com."));
        await UntilAsync(() => Count(bench, "accepted") == 2);
        Assert.Single(first.Queries);
        Assert.Single(second.Queries);
        Assert.Empty(third.Queries);
    }

    [Fact]
    public async Task Rfc1996_3_6_Without_an_answer_it_is_sent_again_at_growing_intervals_then_given_up()
    {
        await using var secondary = new FakeUpstream(_ => Task.CompletedTask);
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        for (int i = 0; i < NotifyTarget.Tries; i++)
        {
            await UntilAsync(() => secondary.Queries.Count == i + 1);
            TimeSpan wait = TimeSpan.FromSeconds(2 << i);
            bench.Harness.Time.Advance(wait - TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, Count(bench, "unanswered"));
            bench.Harness.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await UntilAsync(() => Count(bench, "unanswered") == 1);
        Assert.Equal(NotifyTarget.Tries, secondary.Queries.Count);
        Assert.Single(secondary.Queries.Select(q => q.Header.Id).Distinct());
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains($"zone example.org.: {secondary.Address} did not take the notification: no answer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_silent_server_gets_one_message_a_change_until_it_answers()
    {
        bool answers = false;
        await using var secondary = new FakeUpstream(q => Volatile.Read(ref answers) ? q.SendAsync(Reply(q)) : Task.CompletedTask);
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await GiveUpAsync(bench, secondary, NotifyTarget.Tries, 1);
        bench.Zones.Notifier.ZoneChanged(Zone);
        await GiveUpAsync(bench, secondary, NotifyTarget.Tries + 1, 2);
        Volatile.Write(ref answers, true);
        bench.Zones.Notifier.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "accepted") == 1);
        Volatile.Write(ref answers, false);
        bench.Zones.Notifier.ZoneChanged(Zone);
        await GiveUpAsync(bench, secondary, (2 * NotifyTarget.Tries) + 2, 3);
    }

    [Fact]
    public async Task Another_code_is_the_end_and_is_logged()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q, DnsResponseCode.NotImplemented)));
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "rejected") == 1);
        Assert.Single(secondary.Queries);
        Assert.Contains(bench.Harness.Log.Lines, l => l.Contains("it answers NOTIMP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Messages_that_do_not_answer_are_ignored()
    {
        await using var secondary = new FakeUpstream(async q =>
        {
            byte[] wrongId = Reply(q);
            wrongId[0] ^= 1;
            byte[] wrongOpcode = Reply(q);
            wrongOpcode[2] &= 0x87;
            byte[] noResponse = Reply(q);
            noResponse[2] &= 0x7F;
            byte[] wrongName = Reply(q);
            wrongName[14] ^= 1;
            foreach (byte[] message in (byte[][])[wrongId, wrongOpcode, noResponse, wrongName, [1, 2, 3], []])
            {
                await q.SendAsync(message);
            }

            await q.SendAsync(Reply(q, DnsResponseCode.Refused));
        });
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "rejected") == 1);
        Assert.Equal(0, Count(bench, "accepted"));
    }

    [Fact]
    public async Task A_server_that_is_not_there_yet_is_told_when_it_is()
    {
        IPEndPoint address;
        await using (var reserved = new FakeUpstream(_ => Task.CompletedTask))
        {
            address = reserved.Address;
        }

        await using var bench = new TransferBench($"transfer {{\nto {address}\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Sent(bench) == 1);
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)), address: address);
        await UntilAsync(() =>
        {
            bench.Harness.Time.Advance(TimeSpan.FromSeconds(1));
            return Count(bench, "accepted") + Count(bench, "unanswered") == 1;
        });
        Assert.Equal(1, Count(bench, "accepted"));
    }

    [Fact]
    public async Task Messages_leave_from_the_source_address()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\nsource 127.0.0.9\n}}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "accepted") == 1);
        Assert.Equal(IPAddress.Parse("127.0.0.9"), Assert.Single(secondary.Queries).From.Address);
    }

    [Fact]
    public async Task A_source_address_that_this_host_does_not_have_is_logged()
    {
        await using var bench = new TransferBench("transfer {\nto 127.0.0.1\nsource 192.0.2.1\n}");
        await bench.Harness.StartAsync();
        bench.Zones.Notifier!.ZoneChanged(Zone);
        await UntilAsync(() => Count(bench, "unanswered") == 1);
        Assert.Contains(bench.Harness.Log.Lines, l => l.StartsWith("[Warning]", StringComparison.Ordinal) && l.Contains("127.0.0.1:53", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_zones_are_told_of_some_at_a_time()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using var bench = new TransferBench($"transfer {{\nto {secondary.Address}\n}}");
        await bench.Harness.StartAsync();
        for (int i = 0; i < 500; i++)
        {
            bench.Zones.Notifier!.ZoneChanged(DnsName.Parse($"zone{i}.example."));
        }

        await UntilAsync(() => Count(bench, "accepted") == 500);
        Assert.Equal(500, secondary.Queries.Select(q => q.Name).Distinct().Count());
    }

    [Fact]
    public async Task So_many_zones_wait_and_no_more()
    {
        await using var bench = new TransferBench("transfer {\nto 127.0.0.1\n}");
        for (int i = 0; i < NotifyTarget.MaxWaiting + 3; i++)
        {
            bench.Zones.Notifier!.ZoneChanged(DnsName.Parse($"zone{i}.example."));
        }

        bench.Zones.Notifier!.ZoneChanged(DnsName.Parse("zone0.example."));
        Assert.Equal(3, Count(bench, "dropped"));
        Assert.Single(bench.Harness.Log.Lines);
    }

    [Fact]
    public async Task Rfc8945_With_a_key_the_notification_is_signed_and_so_must_be_the_answer()
    {
        var signer = new NotifyResponder();
        await using var secondary = new FakeUpstream(async q =>
        {
            // Anybody could have sent the first; the second holds.
            await q.SendAsync(Reply(q));
            await q.SendAsync(signer.Reply(q, Reply(q)));
        });
        await using PluginHarness harness = WithKey($"to {secondary.Address} key test.key");
        await harness.StartAsync();
        await UntilAsync(() => Count(harness, "accepted") == 1);
        Assert.Equal(TsigStatus.Good, signer.Status);
        Assert.Equal(0, Count(harness, "rejected"));
        Assert.Single(secondary.Queries);
    }

    [Fact]
    public async Task Rfc8945_An_answer_without_signature_is_not_taken_for_yes()
    {
        await using var secondary = new FakeUpstream(q => q.SendAsync(Reply(q)));
        await using PluginHarness harness = WithKey($"to {secondary.Address} key test.key");
        await harness.StartAsync();
        await UntilAsync(() =>
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
            return Count(harness, "unanswered") == 1;
        });
        Assert.Equal(NotifyTarget.Tries, secondary.Queries.Count);
        Assert.Equal(0, Count(harness, "accepted"));
    }

    [Fact]
    public async Task Rfc8945_A_server_that_does_not_know_the_key_says_so()
    {
        var signer = new NotifyResponder(TsigKeyring.Empty);
        await using var secondary = new FakeUpstream(q => q.SendAsync(signer.Reply(q, Reply(q, DnsResponseCode.NotAuthoritative))));
        await using PluginHarness harness = WithKey($"to {secondary.Address} key test.key");
        await harness.StartAsync();
        await UntilAsync(() => Count(harness, "rejected") == 1);
        Assert.Contains(harness.Log.Lines, l => l.Contains("it answers NOTAUTH; the server does not know the key, or not for this algorithm (BADKEY)", StringComparison.Ordinal));
    }

    private static PluginHarness WithKey(string to) => PluginHarness.Stanza(
        $"tsig {{\nsecret {SignedAsker.KeyName} {SignedAsker.Secret}\n}}\ntransfer {{\n{to}\n}}\nserved",
        previous: null,
        [new TsigPlugin(), new TransferPlugin(), With(new RandomZone(1))]);

    private static ServedZonesPlugin With(RandomZone zone)
    {
        var served = new ServedZonesPlugin();
        served.Publish(zone.Next());
        return served;
    }

    private static async Task GiveUpAsync(TransferBench bench, FakeUpstream secondary, int messages, int times)
    {
        await UntilAsync(() =>
        {
            bench.Harness.Time.Advance(TimeSpan.FromSeconds(1));
            return Count(bench, "unanswered") == times;
        });
        Assert.Equal(messages, secondary.Queries.Count);
    }

    private static byte[] Reply(FakeQuery query, DnsResponseCode code = DnsResponseCode.NoError)
    {
        byte[] message = [.. query.Message];
        message[2] |= 0x80;
        message[3] = (byte)code;
        return message;
    }

    private static long Count(TransferBench bench, string result) => Count(bench.Harness, result);

    private static long Count(PluginHarness harness, string result) => harness.Metrics.Counter("minidns_transfer_notifications_total", "", ("result", result)).Value;

    private static long Sent(TransferBench bench) => bench.Harness.Metrics.Counter("minidns_transfer_notify_messages_total", "").Value;

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 3000 && !condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(condition());
    }

    /// <summary>The other side of signed notifications.</summary>
    private sealed class NotifyResponder(TsigKeyring? keys = null)
    {
        private readonly TsigKeyring _keys = keys ?? new TsigKeyring(
            [TsigKey.TryCreate(DnsName.Parse(SignedAsker.KeyName), SignedAsker.Secret, null, out TsigKey? key, out string? error) ? key : throw new ArgumentException(error)]);

        public TsigStatus Status { get; private set; }

        /// <summary>Checks the notification, and signs the reply to it.</summary>
        public byte[] Reply(FakeQuery query, byte[] reply)
        {
            var responder = new TsigResponder();
            Assert.True(TsigRecord.TryLocate(query.Message, out int offset) && offset > 0);
            Status = responder.Verify(query.Message, offset, _keys, new TestTimeProvider());
            byte[] signed = new byte[512];
            reply.AsSpan(0, offset).CopyTo(signed);
            signed[11]--;
            return signed[..responder.Sign(signed, offset)];
        }
    }
}
