using System.Net;
using MiniDns.Queries;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Tests.Transport;

/// <summary>Whose datagrams a proxy's are.</summary>
public class ProxySessionsTests
{
    private static readonly ClientAddress Server = Address("192.0.2.53:53");

    [Fact]
    public void A_session_lives_as_long_as_it_is_used()
    {
        var sessions = new ProxySessions(100);
        ClientAddress proxy = Address("10.0.0.1:5000");
        Assert.False(sessions.TryGet(proxy, now: 0, lifetime: 100, out _, out _));
        sessions.Put(proxy, Header("192.0.2.1:40000"), now: 0);
        Assert.True(sessions.TryGet(proxy, now: 100, lifetime: 100, out ClientAddress client, out ClientAddress local));
        Assert.Equal((Address("192.0.2.1:40000"), Server), (client, local));
        Assert.True(sessions.TryGet(proxy, now: 200, lifetime: 100, out _, out _));
        Assert.False(sessions.TryGet(proxy, now: 301, lifetime: 100, out _, out _));
        Assert.False(sessions.TryGet(Address("10.0.0.1:5001"), now: 200, lifetime: 100, out _, out _));
    }

    [Fact]
    public void A_later_header_takes_the_place_of_an_earlier_one()
    {
        var sessions = new ProxySessions(8);
        ClientAddress proxy = Address("[2001:db8::1]:5000");
        sessions.Put(proxy, Header("192.0.2.1:40000"), now: 0);
        sessions.Put(proxy, Header("[2001:db8::2]:40000"), now: 1);
        Assert.True(sessions.TryGet(proxy, now: 1, lifetime: 100, out ClientAddress client, out _));
        Assert.Equal(Address("[2001:db8::2]:40000"), client);
    }

    [Fact]
    public void It_holds_as_many_as_it_was_made_for()
    {
        const int Most = 10_240;
        var sessions = new ProxySessions(Most);
        Assert.Equal(2 * Most, sessions.Capacity);
        for (int i = 0; i < Most; i++)
        {
            sessions.Put(Proxy(i), Header("192.0.2.1:40000"), now: i);
        }

        // A set may be full before all are; with these addresses as with most, hardly ever.
        int kept = Enumerable.Range(0, Most).Count(i => sessions.TryGet(Proxy(i), Most, Most, out _, out _));
        Assert.InRange(kept, Most * 98 / 100, Most);
    }

    [Fact]
    public void When_it_is_full_the_one_used_longest_ago_goes()
    {
        var sessions = new ProxySessions(4);
        Assert.Equal(8, sessions.Capacity);
        for (int i = 0; i < 8; i++)
        {
            sessions.Put(Proxy(i), Header("192.0.2.1:40000"), now: i);
        }

        Assert.True(sessions.TryGet(Proxy(0), now: 8, lifetime: 100, out _, out _));
        sessions.Put(Proxy(8), Header("192.0.2.1:40000"), now: 9);
        Assert.False(sessions.TryGet(Proxy(1), now: 9, lifetime: 100, out _, out _));
        Assert.All(new[] { 0, 2, 3, 4, 5, 6, 7, 8 }, i => Assert.True(sessions.TryGet(Proxy(i), now: 9, lifetime: 100, out _, out _)));
    }

    [Fact]
    public async Task Threads_see_whole_sessions()
    {
        var sessions = new ProxySessions(1);
        var problems = new List<string>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            ClientAddress proxy = Proxy(0);
            for (int i = 0; i < 50_000; i++)
            {
                int number = (i * 4) + t;
                sessions.Put(proxy, new ProxyHeader(28, Proxy(number), Proxy(number)), now: 0);
                if (!sessions.TryGet(proxy, 0, 1, out ClientAddress client, out ClientAddress local) || client != local)
                {
                    lock (problems)
                    {
                        problems.Add($"{client} {local}");
                    }
                }
            }
        })));
        Assert.Empty(problems);
    }

    private static ClientAddress Address(string text) => ClientAddress.From(IPEndPoint.Parse(text));

    private static ClientAddress Proxy(int i) => new([10, (byte)(i >> 16), (byte)(i >> 8), (byte)i], 1024 + (i & 0xFFF));

    private static ProxyHeader Header(string client) => new(28, Address(client), Server);
}
