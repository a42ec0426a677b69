using System.Net;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Plugins;

public class ContractTests
{
    [Theory]
    [InlineData("example.org.", "www.example.org.", true)]
    [InlineData("example.org.", "EXAMPLE.org.", true)]
    [InlineData("example.org.", "badexample.org.", false)]
    [InlineData("example.org.", "org.", false)]
    [InlineData(".", "anything.", true)]
    public void Fallthrough_covers_names_below_its_zones(string zone, string name, bool covered)
    {
        Assert.Equal(covered, Fallthrough.For([DnsName.Parse("other."), DnsName.Parse(zone)]).Covers(DnsName.Parse(name).View));
        Assert.True(Fallthrough.For([]).Covers(DnsName.Parse(name).View));
        Assert.True(Fallthrough.Everything.Covers(DnsName.Root.View));
        Assert.False(Fallthrough.None.Covers(DnsName.Parse(name).View));
    }

    [Fact]
    public void The_end_of_a_chain_claims_nothing()
    {
        var harness = new ChainHarness(EndOfChain.Instance);
        harness.Ask("a.", DnsRecordType.A);
        Assert.Equal(DnsOutcome.Unclaimed, harness.Outcome);
    }

    [Fact]
    public void What_is_offered_under_two_types_is_listed_once()
    {
        var capabilities = new BlockCapabilities();
        string first = new('a', 2);
        string equal = new('a', 2);
        capabilities.Add(first);
        capabilities.Add(equal);
        capabilities.Add(first);
        Assert.Equal(2, capabilities.All<string>().Count);
        Assert.Same(first, capabilities.All<IComparable>()[0]);
        Assert.Same(equal, capabilities.All<object>()[1]);
    }

    [Fact]
    public void A_bracket_runs_after_the_rest_whether_that_waits_or_not()
    {
        foreach (bool waits in (bool[])[false, true])
        {
            var bracket = new Bracket(new Rest(waits, null));
            var harness = new ChainHarness(bracket);
            harness.Ask("a.", DnsRecordType.A);
            Assert.Equal(DnsOutcome.Dropped, harness.Outcome);
            Assert.Equal(1, bracket.Afters);
        }
    }

    [Fact]
    public void A_bracket_that_answers_at_once_ends_the_chain()
    {
        var bracket = new Bracket(new Rest(false, new InvalidOperationException())) { Early = DnsOutcome.Replied };
        var harness = new ChainHarness(bracket);
        harness.Ask("a.", DnsRecordType.A);
        Assert.Equal(DnsOutcome.Replied, harness.Outcome);
        Assert.Equal(0, bracket.Afters);
    }

    [Fact]
    public void A_bracket_does_not_run_after_an_exception()
    {
        foreach (bool waits in (bool[])[false, true])
        {
            var bracket = new Bracket(new Rest(waits, new InvalidOperationException("oh")));
            Assert.Throws<InvalidOperationException>(() => new ChainHarness(bracket).Ask("a.", DnsRecordType.A));
            Assert.Equal(0, bracket.Afters);
        }
    }

    [Fact]
    public void A_synchronous_bracket_allocates_nothing()
    {
        var bracket = new Bracket(new Rest(false, null));
        var harness = new ChainHarness(bracket);
        int length = harness.Begin("a.", DnsRecordType.A);
        AllocationAssert.None(() =>
        {
            harness.BeginAgain(length);
            harness.Run();
        });
    }

    [Theory]
    [InlineData("192.0.2.1", 53, "192.0.2.1:53", false)]
    [InlineData("::ffff:192.0.2.1", 53, "192.0.2.1:53", false)]
    [InlineData("2001:db8::1", 5353, "[2001:db8::1]:5353", true)]
    [InlineData("::1", 0, "[::1]:0", true)]
    public void A_client_address_is_what_it_was_made_from(string text, int port, string written, bool isIPv6)
    {
        ClientAddress address = ClientAddress.From(new IPEndPoint(IPAddress.Parse(text), port));
        Assert.Equal(written, address.ToString());
        Assert.Equal(isIPv6, address.IsIPv6);
        byte[] octets = new byte[16];
        int length = address.WriteOctets(octets);
        Assert.Equal(address, new ClientAddress(octets.AsSpan(0, length), port));
        Assert.True(address == ClientAddress.From(address.ToEndPoint()));
        Assert.NotEqual(address, new ClientAddress(octets.AsSpan(0, length), port + 1));
    }

    [Fact]
    public void A_scope_is_part_of_a_link_local_address()
    {
        var first = ClientAddress.From(new IPEndPoint(IPAddress.Parse("fe80::1%2"), 53));
        var second = ClientAddress.From(new IPEndPoint(IPAddress.Parse("fe80::1%3"), 53));
        Assert.NotEqual(first, second);
        Assert.Equal(2, first.ToIPAddress().ScopeId);
    }

    [Theory]
    [InlineData("192.0.2.77", "192.0.2.0", 24, true)]
    [InlineData("192.0.3.77", "192.0.2.0", 24, false)]
    [InlineData("192.0.3.77", "192.0.2.0", 23, true)]
    [InlineData("10.0.0.1", "0.0.0.0", 0, true)]
    [InlineData("10.0.0.1", "10.0.0.1", 32, true)]
    [InlineData("10.0.0.2", "10.0.0.1", 32, false)]
    [InlineData("2001:db8::1", "2001:db8::", 32, true)]
    [InlineData("2001:db9::1", "2001:db8::", 32, false)]
    [InlineData("2001:db8::1", "::", 0, true)]
    [InlineData("10.0.0.1", "::", 0, false)]
    public void A_prefix_holds_the_addresses_that_begin_with_it(string address, string prefix, int length, bool inside) =>
        Assert.Equal(inside, ClientAddress.From(new IPEndPoint(IPAddress.Parse(address), 1)).IsIn(ClientAddress.From(new IPEndPoint(IPAddress.Parse(prefix), 2)), length));

    private sealed class Bracket(IDnsHandler next) : WrappingHandler(next)
    {
        public int Afters { get; private set; }

        public DnsOutcome? Early { get; init; }

        protected override DnsOutcome? Before(DnsQuery query) => Early;

        protected override DnsOutcome After(DnsQuery query, DnsOutcome outcome)
        {
            Afters += query.Response.Code == DnsResponseCode.NameError ? 1 : 1000;
            return DnsOutcome.Dropped;
        }
    }

    private sealed class Rest(bool waits, Exception? exception) : IDnsHandler
    {
        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => waits ? WaitAsync(query) : Answer(query);

        private async ValueTask<DnsOutcome> WaitAsync(DnsQuery query)
        {
            await Task.Yield();
            return await Answer(query);
        }

        private ValueTask<DnsOutcome> Answer(DnsQuery query) =>
            exception is null ? new ValueTask<DnsOutcome>(query.Reply(DnsResponseCode.NameError)) : throw exception;
    }
}
