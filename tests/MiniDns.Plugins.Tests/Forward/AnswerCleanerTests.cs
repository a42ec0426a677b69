using System.Net;
using MiniDns.Plugins.Forward;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>What of an upstream's answer gets to the client.</summary>
public sealed class AnswerCleanerTests
{
    [Fact]
    public async Task Records_that_nobody_asked_for_are_left_out_and_not_kept()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            byte[] stranger = [.. DnsName.Parse("www.bank.example.").View.Wire, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 66];
            byte[] answer = [.. q.Answer("192.0.2.1"), .. stranger, .. stranger, .. stranger, 0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, 0];
            new DnsHeader(q.Header.Id, DnsHeader.ResponseFlag, 1, 2, 1, 2).Write(answer);
            return q.SendAsync(answer);
        });
        await using PluginHarness harness = await Start($"cache\nforward . {upstream.Address}");
        for (int i = 0; i < 2; i++)
        {
            byte[] reply = (await harness.Chain.AskAsync("www.example.org.", DnsRecordType.A, dnssecOk: true)).ToArray();
            DnsHeader.TryRead(reply, out DnsHeader header);
            Assert.Equal((1, 0, 1), (header.AnswerCount, header.AuthorityCount, header.AdditionalCount));
            Assert.True(reply.AsSpan().IndexOf("bank"u8) < 0);
        }

        Assert.Single(upstream.Queries);
        Assert.Equal(3, Metric(harness, "minidns_forward_scrubbed_records_total"));
    }

    [Theory]
    [InlineData("evil.example.", "192.168.1.1", true)]
    [InlineData("evil.example.", "127.0.0.1", true)]
    [InlineData("evil.example.", "192.0.2.1", false)]
    [InlineData("a.corp.example.", "192.168.1.1", false)]
    [InlineData("corp.example.", "192.168.1.1", false)]
    [InlineData("notcorp.example.", "192.168.1.1", true)]
    public async Task Private_addresses_for_public_names_are_refused_on_demand(string name, string address, bool isRefused)
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.7", address)));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n rebind_protection corp.example\n }}");
        byte[] reply = (await harness.Chain.AskAsync(name, DnsRecordType.A, dnssecOk: true)).ToArray();
        DnsHeader.TryRead(reply, out DnsHeader header);
        Assert.Equal(DnsResponseCode.NoError, header.ResponseCode);
        Assert.Equal(isRefused ? 0 : 2, header.AnswerCount);
        Assert.True((header.Flags & DnsHeader.RecursionAvailableFlag) != 0);
        Assert.Equal(isRefused, reply.AsSpan().IndexOf("private address"u8) > 0);
        Assert.Equal(isRefused ? 1 : 0, Metric(harness, "minidns_forward_rebinds_total"));
    }

    [Fact]
    public async Task Private_addresses_are_let_through_by_default()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering("10.0.0.1");
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        byte[] reply = (await harness.Chain.AskAsync("www.example.org.", DnsRecordType.A)).ToArray();
        Assert.Equal([10, 0, 0, 1], reply[^4..]);
    }

    [Theory]
    [InlineData("0.1.2.3", true)]
    [InlineData("9.255.255.255", false)]
    [InlineData("10.0.0.0", true)]
    [InlineData("10.255.255.255", true)]
    [InlineData("11.0.0.0", false)]
    [InlineData("100.63.255.255", false)]
    [InlineData("100.64.0.0", true)]
    [InlineData("100.128.0.0", false)]
    [InlineData("127.0.0.53", true)]
    [InlineData("169.254.169.254", true)]
    [InlineData("172.15.255.255", false)]
    [InlineData("172.16.0.0", true)]
    [InlineData("172.31.255.255", true)]
    [InlineData("172.32.0.0", false)]
    [InlineData("192.168.0.1", true)]
    [InlineData("8.8.8.8", false)]
    [InlineData("::", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:10.0.0.1", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("64:ff9b::10.0.0.1", true)]
    [InlineData("64:ff9b::8.8.8.8", false)]
    [InlineData("fc00::1", true)]
    [InlineData("fd12::1", true)]
    [InlineData("fe80::1", true)]
    [InlineData("febf::1", true)]
    [InlineData("fec0::1", false)]
    [InlineData("2001:db8::1", false)]
    public void Rfc6890_private_addresses(string address, bool isPrivate) =>
        Assert.Equal(isPrivate, PrivateAddresses.IsPrivate(IPAddress.Parse(address).GetAddressBytes()));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rfc9460_7_3_hints_are_addresses_too(bool isPrivate)
    {
        byte last = isPrivate ? (byte)10 : (byte)11;
        byte[] message =
        [
            0, 0, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, (byte)'a', 0, 0, 65, 0, 1,
            0xC0, 12, 0, 65, 0, 1, 0, 0, 0, 9, 0, 20, 0, 1, 0, 0, 1, 0, 3, 2, (byte)'h', (byte)'2', 0, 4, 0, 8, 8, 8, 8, 8, last, 0, 0, 1,
        ];
        message[30] = (byte)(message.Length - 31);
        Assert.Equal(isPrivate, PrivateAddresses.AreIn(message));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("ecs strip", false)]
    [InlineData("ecs pass", true)]
    public async Task Rfc7871_11_1_the_clients_subnet_is_kept_back_unless_told_otherwise(string property, bool isPassed)
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n cookies off\n {property}\n }}");
        int length = harness.Chain.Begin("www.example.org.", DnsRecordType.A, dnssecOk: true);
        byte[] option = [0, 8, 0, 7, 0, 1, 24, 0, 192, 0, 2];
        option.CopyTo(harness.Chain.Query.ReceiveBuffer, length);
        harness.Chain.Query.ReceiveBuffer[length - 1] = (byte)option.Length;
        harness.Chain.BeginAgain(length + option.Length);
        await harness.Chain.Handler.HandleAsync(harness.Chain.Query);
        FakeQuery query = Assert.Single(upstream.Queries);
        Assert.Equal(isPassed ? option : [], query.Message[(query.QuestionEnd + 11)..]);
    }

    [Theory]
    [InlineData("random_case maybe", "maybe")]
    [InlineData("cookies", "cookies")]
    [InlineData("ecs keep", "keep")]
    [InlineData("rebind_protection a..b", "a..b")]
    public async Task Wrong_values_are_named(string property, string message)
    {
        await using PluginHarness harness = PluginHarness.Stanza($"forward . 127.0.0.1 {{\n {property}\n }}");
        Assert.False(harness.IsAccepted);
        Assert.Contains(message, harness.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Random_case_can_be_left_off()
    {
        await using FakeUpstream upstream = FakeUpstream.Answering();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n random_case off\n }}");
        await harness.Chain.AskAsync("WWW.example.org.", DnsRecordType.A);
        Assert.Equal("WWW.example.org.", Assert.Single(upstream.Queries).AskedName);
    }

    private static double Metric(PluginHarness harness, string name) => harness.Metrics.Snapshot().Where(s => s.Name == name).Sum(s => s.Read());

    private static Task<PluginHarness> Start(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }
}
