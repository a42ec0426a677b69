using MiniDns.Plugins.Erratic;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Plugins.Tests.Erratic;

public sealed class ErraticPluginTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("erratic", true)]
    [InlineData("erratic {\n drop 2\n delay 3 1ms\n\n}", true)]
    [InlineData("erratic {\n truncate 2\n delay 3 1ms\n}", true)]
    [InlineData("erratic {\n drop 3\n truncate\n}", true)]
    [InlineData("erratic {\n drop\n large\n}", true)]
    [InlineData("erratic {\n drop -1\n}", false)]
    [InlineData("erratic {\n delay -1\n}", false)]
    [InlineData("erratic {\n delay 1 2 4\n}", false)]
    [InlineData("erratic {\n delay 15.a\n}", false)]
    [InlineData("erratic {\n delay 3 bla\n}", false)]
    [InlineData("erratic {\n truncate 15.a\n}", false)]
    [InlineData("erratic {\n something-else\n}", false)]
    [InlineData("erraric {\n drop 3\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new ErraticPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    [Theory]
    [InlineData("erratic", "-+-+-+-+")]
    [InlineData("erratic {\n drop 3\n}", "-++-++-+")]
    [InlineData("erratic {\n drop 0\n}", "++++++++")]
    [InlineData("erratic {\n truncate\n}", "c+c+c+c+")]
    [InlineData("erratic {\n truncate 3\n}", "c++c++c+")]
    [InlineData("erratic {\n drop\n truncate 3\n}", "-+-c-+-+")]
    [InlineData("erratic {\n delay 2 0s\n}", "++++++++")]
    public void Replies_are_dropped_and_cut_in_turn(string lines, string pattern)
    {
        ChainHarness harness = Start(lines);
        string seen = "";
        for (int i = 0; i < pattern.Length; i++)
        {
            ReadOnlyMemory<byte> reply = harness.Ask("www.example.org.", DnsRecordType.A);
            seen += reply.IsEmpty ? '-' : new Reply(reply).Header.IsTruncated ? 'c' : '+';
        }

        Assert.Equal(pattern, seen);
    }

    [Theory]
    [InlineData(DnsRecordType.A, "www.example.org. 0 IN A 192.0.2.53")]
    [InlineData(DnsRecordType.AAAA, "www.example.org. 0 IN AAAA 2001:db8::53")]
    public void Addresses_are_made_up(DnsRecordType type, string answer)
    {
        Reply reply = new(Start("erratic {\n drop 0\n}").Ask("www.example.org.", type));
        Assert.Equal([answer], reply.Answer);
        Assert.True(reply.Header.IsAuthoritative);
    }

    [Fact]
    public void Other_types_fail() => Assert.Equal(
        DnsResponseCode.ServerFailure, new Reply(Start("erratic {\n drop 0\n}").Ask("www.example.org.", DnsRecordType.MX)).Code);

    [Fact]
    public void A_large_answer_has_thirty_records() => Assert.Equal(
        30, new Reply(Start("erratic {\n drop 0\n large\n}").Ask("www.example.org.", DnsRecordType.A, transport: DnsTransport.Tcp)).Answer.Count);

    [Theory]
    [InlineData("drop 0", true)]
    [InlineData("truncate 1", false)]
    public void Rfc5936_2_2_a_transfer_ends_with_the_SOA_record_unless_it_is_cut(string option, bool isComplete)
    {
        Reply reply = new(Start($"erratic {{\n {option}\n}}").Ask("example.org.", DnsRecordType.AXFR, transport: DnsTransport.Tcp));
        const string Soa = "example.org. 0 IN SOA sns.dns.icann.org. noc.dns.icann.org. 2018050825 7200 3600 1209600 3600";
        string[] zone =
        [
            Soa,
            "example.org. 0 IN NS b.example.org.",
            "example.org. 0 IN NS a.example.org.",
            "a.example.org. 0 IN AAAA 2001:bd8::53",
            "b.example.org. 0 IN AAAA 2001:500::54",
        ];
        Assert.Equal(isComplete ? [.. zone, Soa] : zone, reply.Answer);
        Assert.False(reply.Header.IsTruncated);
    }

    [Fact]
    public async Task A_late_answer_holds_up_nobody_else()
    {
        SnippetServices services = new();
        IDnsHandler handler = SnippetSetup.Run(new ErraticPlugin(), "erratic {\n delay\n}", services).Chain();
        ChainHarness late = new(handler);
        Task<ReadOnlyMemory<byte>> waiting = late.AskAsync("late.example.org.", DnsRecordType.A).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Single(new Reply(new ChainHarness(handler).Ask("soon.example.org.", DnsRecordType.A)).Answer);

        services.Time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(waiting.IsCompleted);
        services.Time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(["late.example.org. 0 IN A 192.0.2.53"], new Reply(await waiting.WaitAsync(Deadline)).Answer);
    }

    [Fact]
    public void Readiness_comes_and_goes()
    {
        SnippetSetup setup = SnippetSetup.Run(new ErraticPlugin(), "erratic");
        IReadinessProbe probe = Assert.Single(setup.Capabilities.All<IReadinessProbe>());
        ChainHarness harness = setup.Harness();
        string seen = "";
        for (int i = 0; i < 7; i++)
        {
            seen += probe.IsReady ? '+' : '-';
            harness.Ask("example.org.", DnsRecordType.A);
        }

        Assert.Equal("---++--", seen);
        Assert.Equal("erratic", probe.Name);
    }

    private static ChainHarness Start(string lines) => SnippetSetup.Run(new ErraticPlugin(), lines).Harness();
}
