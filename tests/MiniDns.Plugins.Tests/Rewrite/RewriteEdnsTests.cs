using System.Net;
using MiniDns.Plugins.Capabilities;
using MiniDns.Plugins.Rewrite;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Rewrite;

/// <summary>EDNS options: what goes on, and what comes back.</summary>
public sealed class RewriteEdnsTests
{
    private const string Target = "zyxwvutsrqponmlkjihgfedcba.new.";

    [Theory]
    [InlineData("local set 0xffee 0xabcdef", "", "FFEE0003ABCDEF", "FFEE0003ABCDEF")]
    [InlineData("local set 0xffee abc", "FFEE000101", "FFEE0003616263", "FFEE0003616263")]
    [InlineData("local set 0xffee abc", "FFEE0001010014000102", "FFEE00036162630014000102", "FFEE0003616263")]
    [InlineData("local set 0xffee abc revert", "", "FFEE0003616263", null)]
    [InlineData("local set 0xffee abc revert", "FFEE000101", "FFEE0003616263", "FFEE000101")]
    [InlineData("local append 0xffee abc", "FFEE000101", "FFEE000101", "")]
    [InlineData("local append 0xffee abc", "FFED000101", "FFED000101FFEE0003616263", "FFEE0003616263")]
    [InlineData("local replace 0xffee abc", "", "", null)]
    [InlineData("local replace 0xffee abc", "FFEE0000", "FFEE0003616263", "FFEE0003616263")]
    [InlineData("local unset 0xffee", "FFEE0000FFED0000FFEE000101", "FFED0000", "")]
    [InlineData("nsid set", "", "00030000", null)]
    [InlineData("nsid append", "00030000", "00030000", "")]
    [InlineData("nsid unset", "00030000FFEE0000", "FFEE0000", "")]
    [InlineData("subnet set 24 56", "", "00080007000118000AF000", null)]
    [InlineData("subnet replace 12 56", "000800040001000000030000", "0008000600010C000AF000030000", "")]
    [InlineData("subnet set 0 56", "", "0008000400010000", null)]
    [InlineData("subnet unset", "0008000400010000", "", "")]
    [InlineData("local set 0xffee {qname}", "", "FFEE000C6578616D706C652E636F6D2E", "FFEE000C6578616D706C652E636F6D2E")]
    [InlineData("local set 0xffee {qtype}", "", "FFEE00020001", "FFEE00020001")]
    [InlineData("local set 0xffee {client_ip}", "", "FFEE00040AF00001", "FFEE00040AF00001")]
    [InlineData("local set 0xffee {client_port}", "", "FFEE00029D14", "FFEE00029D14")]
    [InlineData("local set 0xffee {protocol}", "", "FFEE0003756470", "FFEE0003756470")]
    [InlineData("local set 0xffee {server_ip}", "", "FFEE00047F000001", "FFEE00047F000001")]
    [InlineData("local set 0xffee {server_port}", "", "FFEE00020035", "FFEE00020035")]
    [InlineData("local set 0xffee {nobody/knows}", "", null, null)]
    [InlineData("local set 0xffee abcd\nrewrite edns0 local replace 0xffee bcde revert", "", "FFEE000462636465", "FFEE000461626364", true)]
    [InlineData("local replace 0xffee abcd\nrewrite edns0 local set 0xffee bcde", "", "FFEE000462636465", "FFEE000462636465")]
    public void Options_are_changed_and_shown(string rules, string sent, string? expected, string? shown, bool continues = false)
    {
        string? seen = null;
        SnippetSetup setup = SnippetSetup.Run(new RewritePlugin(), $"rewrite {(continues ? "continue " : string.Empty)}edns0 " + rules);
        Assert.Empty(setup.Errors);
        ChainHarness harness = setup.Wire().Harness(new FuncHandler(q =>
        {
            seen = q.HasOwnEdnsOptions || q.Edns.IsPresent ? Convert.ToHexString(q.EdnsOptions) : null;
            return q.Reply(DnsResponseCode.NoError);
        }));
        harness.Client = new IPEndPoint(IPAddress.Parse("10.240.0.1"), 40212);
        Begin(harness, sent);
        harness.Query.Local = ClientAddress.From(new IPEndPoint(IPAddress.Loopback, 53));
        Reply reply = new(harness.Query.SendBuffer.AsMemory(0, harness.Run()));
        Assert.Equal(expected, seen);
        Assert.Equal(shown is not null, reply.Edns.IsPresent);
        Assert.Equal(shown ?? string.Empty, Convert.ToHexString(harness.Query.Response.Options));
        Assert.False(harness.Query.HasOwnEdnsOptions);
    }

    [Theory]
    [InlineData("set 0xffee x", true)]
    [InlineData("set 0xffee x revert", false)]
    public void An_upstreams_option_comes_through_unless_the_change_is_reverted(string rule, bool isShown)
    {
        ChainHarness harness = SnippetSetup.Run(new RewritePlugin(), "rewrite edns0 local " + rule).Harness(new FuncHandler(q =>
        {
            q.Response.AddOption((EdnsOptionCode)0xFFEE, [7]);
            return q.Reply(DnsResponseCode.NoError);
        }));
        Begin(harness, "00030000");
        harness.Run();
        Assert.Equal(isShown ? "FFEE000107" : string.Empty, Convert.ToHexString(harness.Query.Response.Options));
    }

    [Fact]
    public async Task An_upstream_is_sent_the_options_that_the_rules_left()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Answer("192.0.2.1")));
        await using PluginHarness server = await PluginHarness.Stanza(
            $"rewrite continue edns0 subnet set 24 56\nrewrite name prefix plain plain\nrewrite edns0 local set 0xffee x\nforward . {upstream.Address}").StartAsync();
        Reply reply = new(await server.Chain.AskAsync("a.example.", DnsRecordType.A));
        Assert.Equal("FFEE000178", Convert.ToHexString(server.Chain.Query.Response.Options));
        Assert.Single(reply.Answer);
        FakeQuery asked = upstream.Queries.First();
        Assert.EndsWith("00080007000118007F0000FFEE000178", Convert.ToHexString(asked.Message), StringComparison.Ordinal);
        Assert.Equal(1, asked.Header.AdditionalCount);
    }

    [Fact]
    public async Task Where_names_are_given_back_addresses_beside_the_asked_name_are_kept()
    {
        await using var upstream = new FakeUpstream(q =>
        {
            byte[] neighbour = [.. DnsName.Parse("ns.new.example.").View.Wire, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 66];
            byte[] stranger = [.. DnsName.Parse("www.bank.example.").View.Wire, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 67];
            byte[] answer = [.. q.Answer("192.0.2.1"), .. neighbour, .. stranger];
            new DnsHeader(q.Header.Id, DnsHeader.ResponseFlag, 1, 1, 0, 2).Write(answer);
            return q.SendAsync(answer);
        });
        await using PluginHarness server = await PluginHarness.Stanza($"rewrite name suffix .old.example .new.example answer auto\nforward . {upstream.Address}").StartAsync();
        Reply reply = new(await server.Chain.AskAsync("a.old.example.", DnsRecordType.A));
        Assert.Equal(["a.old.example. 300 IN A 192.0.2.1"], reply.Answer);
        Assert.Equal(["ns.old.example. 256 IN A 192.0.2.66"], reply.Additional);
        reply = new(await server.Chain.AskAsync("a.other.example.", DnsRecordType.A));
        Assert.Empty(reply.Additional);
    }

    [Fact]
    public async Task A_target_that_a_rule_made_is_asked_for_in_lower_case()
    {
        await using var upstream = new FakeUpstream(q => q.Name == "alias.example." ? q.SendAsync(Alias(q)) : q.SendAsync(q.Answer("192.0.2.1")));
        await using PluginHarness server = await PluginHarness.Stanza($"rewrite cname abcdefghijklmnopqrstuvwxyz.old {Target}\nforward . {upstream.Address}").StartAsync();
        Reply reply = new(await server.Chain.AskAsync("alias.example.", DnsRecordType.A));
        Assert.Equal([$"alias.example. 60 IN CNAME {Target}", $"{Target} 300 IN A 192.0.2.1"], reply.Answer);
        Assert.Contains(upstream.Queries, q => q.AskedName == Target);
    }

    [Theory]
    [InlineData(true, "FFEE0003616263")]
    [InlineData(false, null)]
    public void A_label_of_metadata_is_told_when_it_has_a_value(bool hasValue, string? expected)
    {
        SnippetSetup setup = SnippetSetup.Run(new RewritePlugin(), "rewrite edns0 local set 0xffee {some/label}");
        MetadataStub stub = new(hasValue);
        setup.Capabilities.Add(stub);
        string? seen = null;
        ChainHarness harness = setup.Wire().Harness(new FuncHandler(q =>
        {
            seen = q.HasOwnEdnsOptions ? Convert.ToHexString(q.EdnsOptions) : null;
            return q.Reply(DnsResponseCode.NoError);
        }));
        harness.Ask("a.", DnsRecordType.A);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Another_life_of_the_query_starts_with_the_clients_options()
    {
        DnsQuery query = new(512, 512);
        byte[] message = Message("00030000");
        message.CopyTo(query.ReceiveBuffer, 0);
        query.Begin(message.Length, DnsTransport.Udp);
        query.SetEdnsOptions([0xFF, 0xEE, 0, 0], hasOwnSubnet: true);
        query.RenamesAnswer = query.KeepsNameCase = true;
        Assert.Equal("FFEE0000", Convert.ToHexString(query.EdnsOptions));
        query.Begin(message.Length, DnsTransport.Udp);
        Assert.Equal("00030000", Convert.ToHexString(query.EdnsOptions));
        Assert.False(query.HasOwnSubnet || query.HasOwnEdnsOptions || query.RenamesAnswer || query.KeepsNameCase);
        Assert.True(query.RepliesWithEdns);
    }

    private static byte[] Alias(FakeQuery query)
    {
        byte[] name = DnsName.Parse("abcdefghijklmnopqrstuvwxyz.old.").View.Wire.ToArray();
        byte[] answer = [.. query.Answer(), 0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, (byte)name.Length, .. name];
        new DnsHeader(query.Header.Id, DnsHeader.ResponseFlag, 1, 1, 0, 0).Write(answer);
        return answer;
    }

    private static void Begin(ChainHarness harness, string options)
    {
        byte[] message = Message(options);
        message.CopyTo(harness.Query.ReceiveBuffer, 0);
        harness.BeginAgain(message.Length);
    }

    /// <summary>A question; with an OPT record when there are options.</summary>
    private static byte[] Message(string options)
    {
        byte[] octets = Convert.FromHexString(options);
        byte[] opt = octets.Length == 0 ? [] : [0, 0, 41, 4, 0xD0, 0, 0, 0, 0, 0, (byte)octets.Length, .. octets];
        byte[] message = [.. new byte[DnsHeader.Size], .. DnsName.Parse("example.com.").Wire, 0, 1, 0, 1, .. opt];
        new DnsHeader(1, DnsHeader.RecursionDesiredFlag, 1, 0, 0, (ushort)(opt.Length > 0 ? 1 : 0)).Write(message);
        return message;
    }

    private sealed class MetadataStub(bool hasValue) : IMetadataSource, IMetadataScope
    {
        public IReadOnlyList<string> Labels { get; } = ["some/label"];

        public bool Covers(DnsQuery query) => true;

        public bool TryRead(DnsQuery query, int label, Span<byte> destination, out int written)
        {
            ReadOnlySpan<byte> value = hasValue ? "abc"u8 : [];
            value.CopyTo(destination);
            written = value.Length;
            return hasValue;
        }
    }
}
