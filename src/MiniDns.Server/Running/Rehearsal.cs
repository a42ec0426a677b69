using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using MiniDns.Configuration;
using MiniDns.Diagnostics;
using MiniDns.Plugins;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Server.Building;
using MiniDns.Server.Pipeline;
using MiniDns.Server.Transport;

namespace MiniDns.Server.Running;

/// <summary>Runs queries through the server's code before it opens its sockets, so that the first client meets code that is compiled.</summary>
/// <remarks>
/// It is a small server of its own on a port of the loopback interface, with names of its own and the plugins of the Corefile that answer from
/// memory. It shares nothing with the real one but the code: its counters, logs and caches go with it, and nobody else is asked anything.
/// </remarks>
internal sealed class Rehearsal
{
    /// <summary>How long queries are asked: it delays the start by no more than that. With one processor it takes its time from the
    /// reading of zones, and from the compiler that it is played for.</summary>
    private static readonly TimeSpan LongestPlay = TimeSpan.FromMilliseconds(Environment.ProcessorCount == 1 ? 30 : 100);

    private const int QueriesPerRound = 32;
    private const int MostRounds = 128;

    /// <summary>How long a reply is waited for; on a machine that is busy, the first takes a while. One that does not come ends the play.</summary>
    private const int ReplyMilliseconds = 1000;

    /// <summary>Plugins that only look on: in each block, when the Corefile has them.</summary>
    private static readonly string[] OnTheWay = ["errors", "log", "prometheus", "loadbalance"];

    private readonly PluginCatalog _catalog;
    private readonly HashSet<string> _directives;
    private readonly string _zoneFile;
    private readonly DnsServices _services;
    private readonly List<byte[]> _questions = [];

    private Rehearsal(PluginCatalog catalog, IEnumerable<string> directives, string zoneFile, TimeProvider time)
    {
        _catalog = catalog;
        _directives = new HashSet<string>(directives, StringComparer.Ordinal);
        _zoneFile = zoneFile;
        _services = new DnsServices(NullLoggerFactory.Instance, time, new MetricRegistry(), new HostFacts("rehearsal", "rehearsal")) { Lines = new NoLines() };
    }

    /// <summary>Rehearses. Never throws: a rehearsal that fails only leaves the first queries slow.</summary>
    /// <param name="catalog">The plugins.</param>
    /// <param name="directives">The directives that the Corefile uses.</param>
    /// <param name="zoneFile">A zone file for the zone <c>zone.rehearsal</c>.</param>
    /// <param name="time">The clock.</param>
    /// <returns>How many replies came.</returns>
    public static Task<int> RunAsync(PluginCatalog catalog, IEnumerable<string> directives, string zoneFile, TimeProvider time) =>
        Task.Run(async () =>
        {
            try
            {
                return OperatingSystem.IsLinux() ? await new Rehearsal(catalog, directives, zoneFile, time).PlayAsync().ConfigureAwait(false) : 0;
            }
            catch (Exception)
            {
                return 0;
            }
        });

    private async Task<int> PlayAsync()
    {
        string corefile = Write();
        var diagnostics = new ConfigDiagnostics();
        CorefileDocument document = CorefileParser.Parse("rehearsal", corefile, diagnostics);
        var dispatcher = new QueryDispatcher(_services);
        if (_questions.Count == 0 || new ServerPlanBuilder(_catalog, _services, dispatcher, defaultPort: 0).Build(document, previous: null, diagnostics) is not { } plan)
        {
            return 0;
        }

        List<IServerComponent> started = [];
        (Socket[] datagrams, Socket stream) = BoundSockets.Open(new IPEndPoint(IPAddress.Loopback, 0), udpSockets: 1);
        stream.Dispose();
        var listener = new UdpListener(datagrams, dispatcher, _services, EndpointSettings.Default, portable: false);
        try
        {
            foreach (IServerComponent component in plan.Components)
            {
                started.Add(component);
                await component.StartAsync(CancellationToken.None).ConfigureAwait(false);
            }

            listener.Route(plan.Endpoints[0].Routes);
            await listener.StartAsync(CancellationToken.None).ConfigureAwait(false);
            return Ask(listener.Address);
        }
        finally
        {
            await listener.DisposeAsync().ConfigureAwait(false);
            for (int i = started.Count - 1; i >= 0; i--)
            {
                await started[i].DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes the Corefile and the questions to it.</summary>
    private string Write()
    {
        var text = new StringBuilder();
        string onTheWay = string.Join('\n', OnTheWay.Where(_directives.Contains));
        if (_directives.Contains("hosts"))
        {
            AddBlock("hosts", "hosts /dev/null {\n192.0.2.1 a.hosts.rehearsal\nreload 0\n}");
        }

        if (_directives.Contains("cache"))
        {
            AddBlock("cache", "cache\nhosts /dev/null {\n192.0.2.1 a.cache.rehearsal\nreload 0\n}");
        }

        if (_directives.Contains("file") || _directives.Contains("auto") || _directives.Contains("secondary"))
        {
            AddBlock("zone", $"file \"{_zoneFile}\" {{\nreload 0\n}}");
        }

        return text.ToString();

        void AddBlock(string name, string directives)
        {
            text.Append(name).Append(".rehearsal:0 {\nbind 127.0.0.1\n").Append(onTheWay).Append('\n').Append(directives).Append("\n}\n");
            foreach (string host in (string[])["a.", "nothing."])
            {
                AddQuestion(DnsName.Parse($"{host}{name}.rehearsal."), edns: false);
                AddQuestion(DnsName.Parse($"{host}{name}.rehearsal."), edns: true);
            }
        }
    }

    private void AddQuestion(DnsName name, bool edns)
    {
        var query = new DnsQuery(DnsQuery.MinUdpSize, DnsQuery.MinUdpSize);
        int length = query.WriteQuestion(name.View, DnsRecordType.A, DnsRecordClass.IN, DnsHeader.RecursionDesiredFlag, dnssecOk: edns);
        _questions.Add(query.ReceiveBuffer[..length]);
    }

    /// <summary>Asks until the time is up.</summary>
    private int Ask(IPEndPoint server)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = ReplyMilliseconds };
        client.Connect(server);
        byte[] reply = new byte[DnsQuery.MinUdpSize];
        int replies = 0;
        int next = 0;
        long start = _services.Time.GetTimestamp();
        for (int round = 0; round < MostRounds && _services.Time.GetElapsedTime(start) < LongestPlay; round++)
        {
            for (int i = 0; i < QueriesPerRound; i++)
            {
                client.Send(_questions[next++ % _questions.Count]);
            }

            for (int i = 0; i < QueriesPerRound; i++)
            {
                client.Receive(reply, SocketFlags.None, out SocketError error);
                if (error != SocketError.Success)
                {
                    return replies;
                }

                replies++;
            }
        }

        return replies;
    }

    private sealed class NoLines : ILineWriter
    {
        public bool TryWrite(ReadOnlySpan<byte> line) => true;
    }
}
