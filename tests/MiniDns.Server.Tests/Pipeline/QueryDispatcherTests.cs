using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Tests.Support;
using MiniDns.Testing;

namespace MiniDns.Server.Tests.Pipeline;

public class QueryDispatcherTests
{
    private readonly DnsQuery _query = new(2048, 4096);
    private readonly TestLoggerFactory _log = new();
    private readonly MetricRegistry _metrics = new();
    private readonly QueryDispatcher _dispatcher;
    private readonly RoutingTable _routes;
    private readonly DnsServices _services;
    private Func<DnsQuery, ValueTask<DnsOutcome>> _answer = q => new ValueTask<DnsOutcome>(q.Reply(DnsResponseCode.NameError));

    public QueryDispatcherTests()
    {
        _services = new DnsServices(_log, new TestTimeProvider(), _metrics, new HostFacts("MiniDns-test", "test-host"));
        _dispatcher = new QueryDispatcher(_services);
        var zone = DnsName.Parse("example.");
        _routes = new RoutingTable([new(zone, new ServerBlock(new ServerBlockInfo(0, [zone], "."), new Handler(this), null, []))], new PlanUse());
    }

    public static TheoryData<string, byte[]> Refusals() => new()
    {
        { "NXDOMAIN", Ask.For("www.example.", edns: 1232) },
        { "REFUSED", Ask.For("www.elsewhere.", edns: 1232) },
        { "REFUSED for its class", Ask.For("www.example.", @class: DnsRecordClass.CH) },
        { "NOTIMP", Ask.For("www.example.", flags: 4 << 11) },
        { "FORMERR", Ask.For("www.example.")[..^3] },
        { "FORMERR, no question", new byte[12] },
        { "BADVERS", [.. Ask.For("www.example.", edns: 1232)[..^5], 1, 0, 0, 0, 0] },
        { "nothing", Ask.For("www.example.", flags: 0x8000) },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_reply_without_records_allocates_nothing_from_octets_to_octets(string what, byte[] message)
    {
        Assert.NotEmpty(what);
        AllocationAssert.None(() => Run(message));
        int length = Run(message);
        Assert.Equal(what != "nothing", length > 0);
    }

    [Fact]
    public void A_handler_that_breaks_the_response_costs_one_SERVFAIL()
    {
        _answer = q =>
        {
            // A record that cannot be there: its rdata lies outside.
            q.Response.AddSynthesized(DnsSection.Answer, q.LowerName, DnsRecordType.A, DnsRecordClass.IN, 1, [1, 2, 3, 4]);
            q.MaxReplySize = -7;
            throw new InvalidOperationException("on purpose");
        };
        int length = Run(Ask.For("www.example.", id: 9, edns: 1232));
        var reply = new ParsedMessage(_query.SendBuffer.AsSpan(0, length));
        Assert.Equal(DnsResponseCode.ServerFailure, reply.Code);
        Assert.Empty(reply.Records);
        Assert.Equal(9, reply.Header.Id);
        Assert.Single(_log.Lines);
        Assert.Equal("a handler threw an exception", _query.Failure!.Reason);
    }

    [Fact]
    public void Nobody_claiming_a_query_is_a_failure_and_dropping_it_is_silence()
    {
        _answer = _ => new ValueTask<DnsOutcome>(DnsOutcome.Unclaimed);
        Assert.Equal(DnsResponseCode.ServerFailure, new ParsedMessage(_query.SendBuffer.AsSpan(0, Run(Ask.For("www.example.")))).Code);
        _answer = _ => new ValueTask<DnsOutcome>(DnsOutcome.Dropped);
        Assert.Equal(0, Run(Ask.For("www.example.")));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_notification_goes_to_the_handlers_that_take_them_and_to_no_other_RFC1996_3()
    {
        var zone = DnsName.Parse("example.");
        int notified = 0;
        var taking = new TestHandler(q =>
        {
            notified++;
            return new ValueTask<DnsOutcome>(q.Reply(DnsResponseCode.NoError));
        });
        var routes = new RoutingTable([new(zone, new ServerBlock(new ServerBlockInfo(0, [zone], "."), new Handler(this), taking, []))], new PlanUse());
        byte[] message = Ask.For("example.", id: 3, type: DnsRecordType.SOA, flags: 4 << 11);
        message.CopyTo(_query.ReceiveBuffer, 0);
        int length = _dispatcher.Finish(_query, _dispatcher.DispatchAsync(_query, message.Length, DnsTransport.Udp, routes).Result);
        var reply = new ParsedMessage(_query.SendBuffer.AsSpan(0, length));
        Assert.Equal(1, notified);
        Assert.Equal(DnsResponseCode.NoError, reply.Code);
        Assert.Equal(DnsOpcode.Notify, reply.Header.Opcode);

        // The block of the other tests has no handler for it; outside every zone it is refused.
        Assert.Equal(DnsResponseCode.NotImplemented, new ParsedMessage(_query.SendBuffer.AsSpan(0, Run(message))).Code);
        Assert.Equal(DnsResponseCode.Refused, new ParsedMessage(_query.SendBuffer.AsSpan(0, Run(Ask.For("elsewhere.", flags: 4 << 11)))).Code);
    }

    [Fact]
    public async Task The_servers_own_questions_are_routed_carry_their_parent_and_end_when_too_deep()
    {
        var runner = new ServerQueryRunner(_dispatcher, _services.Time) { FirstEndpoint = () => _routes };
        int deepest = 0;
        _answer = async q =>
        {
            deepest = Math.Max(deepest, q.Depth);
            DnsQuery child = runner.Rent(q, q.LowerName, q.Type);
            try
            {
                Assert.Equal(q.Client, child.Client);
                Assert.Equal(q.DnssecOk, child.DnssecOk);
                Assert.Equal(q.Header.CheckingDisabled, child.Header.CheckingDisabled);
                await runner.RunAsync(child);
                q.Response.CopyFrom(child.Response);
                return DnsOutcome.Replied;
            }
            finally
            {
                runner.Return(child);
            }
        };
        byte[] message = Ask.For("www.example.", flags: DnsHeader.CheckingDisabledFlag);
        message.CopyTo(_query.ReceiveBuffer, 0);
        _query.Client = new ClientAddress([192, 0, 2, 1], 5353);
        DnsOutcome outcome = await _dispatcher.DispatchAsync(_query, message.Length, DnsTransport.Udp, _routes);
        Assert.Equal(DnsOutcome.Replied, outcome);
        Assert.Equal(DnsResponseCode.ServerFailure, _query.Response.Code);
        Assert.Equal(IQueryRunner.MaxDepth, deepest);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task An_own_question_whose_handler_throws_later_is_SERVFAIL_too()
    {
        var runner = new ServerQueryRunner(_dispatcher, _services.Time) { FirstEndpoint = () => _routes };
        foreach (bool later in (bool[])[false, true])
        {
            _answer = async _ =>
            {
                if (later)
                {
                    await Task.Yield();
                }

                throw new InvalidOperationException("on purpose");
            };
            DnsQuery query = runner.Rent(null, DnsName.Parse("www.example.").View, DnsRecordType.A);
            Assert.Equal(DnsOutcome.Replied, await runner.RunAsync(query));
            Assert.Equal(DnsResponseCode.ServerFailure, query.Response.Code);
            runner.Return(query);
        }

        Assert.Equal(2, _log.Lines.Count);
    }

    [Fact]
    public void A_pool_keeps_a_bounded_number_and_none_that_has_grown()
    {
        var pool = new QueryPool(512, 512, idleLimit: 2);
        DnsQuery[] queries = [pool.Rent(), pool.Rent(), pool.Rent(), pool.Rent()];
        Assert.Equal(4, queries.Distinct().Count());
        queries[0].EnsureSendBuffer(5000);
        queries[1].Origin = this;
        foreach (DnsQuery query in queries)
        {
            pool.Return(query);
        }

        Assert.Same(queries[1], pool.Rent());
        Assert.Null(queries[1].Origin);
        Assert.Same(queries[2], pool.Rent());
        Assert.DoesNotContain(pool.Rent(), queries);
    }

    private int Run(byte[] message)
    {
        message.CopyTo(_query.ReceiveBuffer, 0);
        ValueTask<DnsOutcome> pending = _dispatcher.DispatchAsync(_query, message.Length, DnsTransport.Udp, _routes);
        return _dispatcher.Finish(_query, pending.IsCompletedSuccessfully ? pending.Result : throw new InvalidOperationException("it waits"));
    }

    private sealed class Handler(QueryDispatcherTests owner) : IDnsHandler
    {
        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => owner._answer(query);
    }

    private sealed class TestHandler(Func<DnsQuery, ValueTask<DnsOutcome>> answer) : IDnsHandler
    {
        public ValueTask<DnsOutcome> HandleAsync(DnsQuery query) => answer(query);
    }
}
