using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;

namespace MiniDns.Core.Tests.Queries;

public sealed class ReplyObserverTests
{
    [Fact]
    public void Everybody_who_asked_is_told_once_and_in_order()
    {
        DnsQuery query = new(512, 512);
        Begin(query);
        List<string> told = [];
        foreach (string name in (string[])["a", "b", "c", "d", "e", "f"])
        {
            query.Observe(new Observer(length => told.Add($"{name} {length}")));
        }

        query.NoteFinished(29);
        query.NoteFinished(30);
        Assert.Equal(["a 29", "b 29", "c 29", "d 29", "e 29", "f 29"], told);
    }

    [Fact]
    public void A_query_that_never_ended_forgets_its_observers_with_its_next_life()
    {
        DnsQuery query = new(512, 512);
        Begin(query);
        List<int> told = [];
        query.Observe(new Observer(told.Add));
        Begin(query);
        Assert.False(query.IsObserved);
        query.NoteFinished(29);
        Assert.Empty(told);
    }

    [Fact]
    public void Observing_allocates_nothing()
    {
        DnsQuery query = new(512, 512);
        Observer observer = new(static _ => { });
        AllocationAssert.None(() =>
        {
            query.Observe(observer);
            query.Observe(observer);
            query.NoteFinished(1);
        });
    }

    private static void Begin(DnsQuery query) =>
        query.Begin(query.WriteQuestion(DnsName.Parse("example.org.").View, DnsRecordType.A, DnsRecordClass.IN, 0, dnssecOk: false), DnsTransport.Udp);

    private sealed class Observer(Action<int> tell) : IReplyObserver
    {
        public void Finished(DnsQuery query, int replyLength) => tell(replyLength);
    }
}
