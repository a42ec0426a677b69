using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Forward;

/// <summary>complete_cname, filter_aaaa, filter_a.</summary>
public sealed class ForwardReviserTests
{
    [Fact]
    public async Task A_chain_that_hangs_in_the_air_is_completed()
    {
        await using FakeUpstream upstream = Aliases();
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n complete_cname\n }}");
        Assert.Equal("alias.example.org. CNAME, target.example.net. A", await AnswerAsync(harness, "alias.example.org.", DnsRecordType.A));
        Assert.Equal(["alias.example.org.", "target.example.net."], upstream.Queries.Select(q => q.Name.ToLowerInvariant()));
    }

    [Fact]
    public async Task Without_the_directive_it_stays_as_it_is()
    {
        await using FakeUpstream upstream = Aliases();
        await using PluginHarness harness = await Start($"forward . {upstream.Address}");
        Assert.Equal("alias.example.org. CNAME", await AnswerAsync(harness, "alias.example.org.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_target_that_nobody_knows_leaves_the_aliases()
    {
        await using FakeUpstream upstream = Aliases(DnsResponseCode.ServerFailure);
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n complete_cname\n }}");
        Assert.Equal("alias.example.org. CNAME", await AnswerAsync(harness, "alias.example.org.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_chain_that_leads_back_to_itself_ends()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(Alias(q, q.Name.StartsWith("one", StringComparison.OrdinalIgnoreCase) ? "two.example.org." : "one.example.org.")));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n complete_cname\n }}");
        Assert.StartsWith("one.example.org. CNAME", await AnswerAsync(harness, "one.example.org.", DnsRecordType.A), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Filtered_addresses_are_no_data_with_a_SOA_record_and_other_types_stay()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Type == DnsRecordType.AAAA ? Ipv6(q) : q.Answer("192.0.2.1")));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n filter_aaaa\n }}");
        Assert.Equal("", await AnswerAsync(harness, "www.example.org.", DnsRecordType.AAAA));
        Assert.Equal(DnsResponseCode.NoError, harness.Chain.Query.Response.Code);
        ResponseEntry soa = Assert.Single(harness.Chain.Query.Response.Entries.ToArray());
        Assert.Equal((DnsSection.Authority, DnsRecordType.SOA, 300u), (soa.Section, soa.Type, soa.Ttl));
        Assert.Equal("www.example.org. A", await AnswerAsync(harness, "www.example.org.", DnsRecordType.A));
    }

    [Fact]
    public async Task Only_the_zones_that_are_named_are_filtered()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Type == DnsRecordType.AAAA ? Ipv6(q) : q.Answer("192.0.2.1")));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n filter_aaaa example.org\n filter_a example.net\n }}");
        Assert.Equal("", await AnswerAsync(harness, "www.example.org.", DnsRecordType.AAAA));
        Assert.Equal("www.example.net. AAAA", await AnswerAsync(harness, "www.example.net.", DnsRecordType.AAAA));
        Assert.Equal("", await AnswerAsync(harness, "www.example.net.", DnsRecordType.A));
        Assert.Equal("www.example.org. A", await AnswerAsync(harness, "www.example.org.", DnsRecordType.A));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_stays_so()
    {
        await using var upstream = new FakeUpstream(q => q.SendAsync(q.Code(DnsResponseCode.NameError)));
        await using PluginHarness harness = await Start($"forward . {upstream.Address} {{\n filter_aaaa\n }}");
        await AnswerAsync(harness, "www.example.org.", DnsRecordType.AAAA);
        Assert.Equal(DnsResponseCode.NameError, harness.Chain.Query.Response.Code);
    }

    private static FakeUpstream Aliases(DnsResponseCode target = DnsResponseCode.NoError) => new(q => q.SendAsync(
        q.Name.StartsWith("alias", StringComparison.OrdinalIgnoreCase) ? Alias(q, "target.example.net.")
        : target == DnsResponseCode.NoError ? q.Answer("192.0.2.1") : q.Code(target)));

    private static byte[] Alias(FakeQuery query, string target)
    {
        byte[] name = DnsName.Parse(target).View.Wire.ToArray();
        byte[] message = [.. query.Answer(), 0xC0, 12, 0, 5, 0, 1, 0, 0, 1, 0x2C, 0, (byte)name.Length, .. name];
        message[7] = 1;
        return message;
    }

    private static byte[] Ipv6(FakeQuery query)
    {
        byte[] message = [.. query.Answer(), 0xC0, 12, 0, 28, 0, 1, 0, 0, 1, 0x2C, 0, 16, 0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        message[7] = 1;
        return message;
    }

    private static Task<PluginHarness> Start(string stanza)
    {
        PluginHarness harness = PluginHarness.Stanza(stanza);
        Assert.True(harness.IsAccepted, harness.Errors);
        return harness.StartAsync();
    }

    /// <summary>The owners and types of the answer section.</summary>
    private static async Task<string> AnswerAsync(PluginHarness harness, string name, DnsRecordType type)
    {
        await harness.Chain.AskAsync(name, type);
        DnsResponse response = harness.Chain.Query.Response;
        Assert.True(response.TryMaterialize());
        List<string> records = [];
        foreach (ResponseEntry entry in response.Entries)
        {
            if (entry.Section == DnsSection.Answer)
            {
                records.Add($"{response.OwnerOf(entry).ToString().ToLowerInvariant()} {entry.Type}");
            }
        }

        return string.Join(", ", records);
    }
}
