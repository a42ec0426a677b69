using System.Net;
using MiniDns.Plugins.Health;
using MiniDns.Plugins.Tests.Support;

namespace MiniDns.Plugins.Tests.Health;

public sealed class HealthPluginTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("health", true)]
    [InlineData("health localhost:1234", true)]
    [InlineData("health localhost:1234 {\n lameduck 4s\n}", true)]
    [InlineData("health bla", false)]
    [InlineData("health bla bla", false)]
    [InlineData("health :99999", false)]
    [InlineData("health localhost:1234 {\n lameduck a\n}", false)]
    [InlineData("health localhost:1234 {\n lameduck\n}", false)]
    [InlineData("health localhost:1234 {\n lamedudk 4\n}", false)]
    public void A_setup_is_accepted_or_refused(string lines, bool isAccepted)
    {
        SnippetSetup setup = SnippetSetup.Run(new HealthPlugin(), lines);
        Assert.True(setup.Errors.Count == 0 == isAccepted, string.Join('\n', setup.Errors));
    }

    [Theory]
    [InlineData("health", "[::]:8080")]
    [InlineData("health :8091", "[::]:8091")]
    [InlineData("health localhost:8091", "127.0.0.1:8091")]
    [InlineData("health 0.0.0.0:8091", "0.0.0.0:8091")]
    [InlineData("health [::1]:8091", "[::1]:8091")]
    [InlineData("health :8091\nhealth :8092", "[::]:8092")]
    public async Task The_page_is_served_where_it_was_asked_for(string lines, string address)
    {
        HttpSideEndpoint page = Assert.Single(SnippetSetup.Run(new HealthPlugin(), lines).Pages);
        Assert.Equal((IPEndPoint.Parse(address), "/health", "health"), (page.Address, page.Path, page.Plugin));
        HttpSideReply reply = await page.GetAsync("", CancellationToken.None);
        Assert.Equal((200, "OK"), (reply.Status, reply.Body));
    }

    [Theory]
    [InlineData("", 200)]
    [InlineData("?deep", 503)]
    [InlineData("?deep=1", 503)]
    [InlineData("?other", 200)]
    public async Task Only_the_deep_page_asks_the_listeners(string query, int status)
    {
        SnippetSetup setup = SnippetSetup.Run(new HealthPlugin(), "health");
        setup.Services.Server.Attach(_ => { }, () => 0, () => null, _ => Task.FromResult<IReadOnlyList<string>>(["udp 127.0.0.1:53: no answer in time"]));
        HttpSideReply reply = await Assert.Single(setup.Pages).GetAsync(query, CancellationToken.None);
        Assert.Equal(status, reply.Status);
        Assert.Equal(status == 503, reply.Body.Contains("127.0.0.1:53", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[::]:8080", "http://127.0.0.1:8080/health")]
    [InlineData("0.0.0.0:8080", "http://127.0.0.1:8080/health")]
    [InlineData("192.0.2.1:8080", "http://192.0.2.1:8080/health")]
    [InlineData("[::1]:8080", "http://[::1]:8080/health")]
    public void The_server_asks_one_of_its_own_addresses(string address, string uri) =>
        Assert.Equal(uri, HealthPlugin.UriOf(IPEndPoint.Parse(address)).ToString());

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task A_lame_duck_waits_as_long_as_it_was_told_or_until_nobody_asks_any_more(bool isAsked, int lines)
    {
        SnippetServices services = new();
        SnippetSetup setup = SnippetSetup.Run(new HealthPlugin(), "health {\n lameduck 5s\n}", services);
        long asked = 0;
        setup.Services.Server.Attach(_ => { }, () => Volatile.Read(ref asked), () => null, _ => Task.FromResult<IReadOnlyList<string>>([]));
        IShutdownListener duck = Assert.Single(setup.Capabilities.All<IShutdownListener>());
        long start = services.Time.GetTimestamp();
        Task waiting = duck.StoppingAsync(CancellationToken.None).AsTask();
        Assert.Equal(["Information plugin/health: going into lameduck mode for 5s"], services.Log.Lines);
        while (!waiting.IsCompleted)
        {
            Interlocked.Add(ref asked, isAsked ? 1 : 0);
            services.Time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1);
        }

        Assert.True(services.Time.GetElapsedTime(start) >= (isAsked ? TimeSpan.FromSeconds(5) : HealthLameduck.Silence));
        Assert.Equal(lines, services.Log.Lines.Count);
    }

    [Fact]
    public async Task A_lame_duck_can_be_hurried()
    {
        using CancellationTokenSource hurry = new();
        SnippetSetup setup = SnippetSetup.Run(new HealthPlugin(), "health {\n lameduck 1h\n}");
        Task waiting = setup.Capabilities.All<IShutdownListener>()[0].StoppingAsync(hurry.Token).AsTask();
        await hurry.CancelAsync();
        await waiting.WaitAsync(Deadline);
    }

    [Fact]
    public void Without_lameduck_nobody_waits() => Assert.Empty(SnippetSetup.Run(new HealthPlugin(), "health").Capabilities.All<IShutdownListener>());

    [Fact]
    public async Task The_server_asks_for_its_own_page_once_a_second()
    {
        SnippetServices services = new();
        using FakePage page = new();
        HealthProbe probe = new(new Uri("http://127.0.0.1:8080/health"), () => page, services.Build(), services.Log.CreateLogger("plugin/health"));
        await probe.StartAsync(CancellationToken.None);
        try
        {
            await TickUntilAsync(services, () => page.Requests >= 2);
            Assert.Equal(0, services.Metric("coredns_health_request_failures_total"));

            page.IsBroken = true;
            await TickUntilAsync(services, () => services.Metric("coredns_health_request_failures_total") >= 1);
            Assert.Contains("Warning plugin/health: local health request to http://127.0.0.1:8080/health failed: broken", services.Log.Lines);
        }
        finally
        {
            await probe.DisposeAsync();
        }

        int requests = page.Requests;
        services.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(requests, page.Requests);
    }

    [Fact]
    public async Task A_probe_that_never_started_can_be_disposed()
    {
        SnippetSetup setup = SnippetSetup.Run(new HealthPlugin(), "health");
        await setup.Components.Single().DisposeAsync();
    }

    /// <summary>Moves time on, second by second, giving the probe's task room to run.</summary>
    private static async Task TickUntilAsync(SnippetServices services, Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow + Deadline;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < end, "the probe did not ask in time");
            services.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
        }
    }

    private sealed class FakePage : HttpMessageHandler
    {
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        public bool IsBroken { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            return IsBroken
                ? Task.FromException<HttpResponseMessage>(new HttpRequestException("broken"))
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
