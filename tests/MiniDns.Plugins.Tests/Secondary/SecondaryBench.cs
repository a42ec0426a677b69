using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using MiniDns.Client;
using MiniDns.Client.Transfers;
using MiniDns.Diagnostics;
using MiniDns.Plugins.Primaries;
using MiniDns.Plugins.Secondary;
using MiniDns.Plugins.Tests.Support;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;
using MiniDns.Testing;
using MiniDns.Zones;

namespace MiniDns.Plugins.Tests.Secondary;

/// <summary>Secondary zones with a clock of the test's own and a fake primary on loopback.</summary>
internal sealed class SecondaryBench : IAsyncDisposable
{
    public const string Zone = "example.org.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SecondaryZones? _zones;

    public FakePrimary Primary { get; } = new();

    public TestTimeProvider Time { get; } = new();

    public LogBook Log { get; } = new();

    public MetricRegistry Metrics { get; } = new();

    public TransferSlots Slots { get; init; } = new(TransferSlots.Default);

    public SecondaryZones Zones => _zones ?? throw new InvalidOperationException("not started");

    /// <summary>The SOA record of a version: refresh 100, retry 10, expire 1000 seconds.</summary>
    public static string Soa(uint serial, string timers = "100 10 1000") =>
        string.Create(CultureInfo.InvariantCulture, $"@ SOA ns hostmaster {serial} {timers} 300\n@ NS ns\nns A 192.0.2.53\n");

    /// <summary>A version whose <c>www</c> has the serial number as the last octet of its address.</summary>
    public static string Text(uint serial, string timers = "100 10 1000") => string.Create(CultureInfo.InvariantCulture, $"{Soa(serial, timers)}www A 192.0.2.{serial}\n");

    public static Zone Build(string origin, string text)
    {
        var problems = new ZoneProblems();
        Zone? zone = ZoneLoader.FromText(System.Text.Encoding.UTF8.GetBytes("$TTL 3600\n" + text), "test", DnsName.Parse(origin), problems);
        return zone ?? throw new FormatException(string.Join('\n', problems.Errors));
    }

    /// <summary>All records of a zone, one a line, in an order of their own.</summary>
    public static string Dump(Zone zone)
    {
        List<string> lines = [];
        foreach (RRsetView set in zone.Records)
        {
            foreach (ReadOnlySpan<byte> rdata in set)
            {
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{set.Owner.ToString().ToLowerInvariant()} {set.Ttl} {DnsTypeText.Format(set.Type)} {Convert.ToHexString(rdata)}"));
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    public static async Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "did not come true: " + what);
            await Task.Delay(5);
        }
    }

    public SecondaryOptions Options(string zone = Zone, string? store = null, IReadOnlyList<string>? members = null, IReadOnlyList<IPEndPoint>? primaries = null) => new()
    {
        Zones = [DnsName.Parse(zone)],
        Primaries = [.. (primaries ?? [Primary.Address]).Select(a => new TransferPrimary(a))],
        StoreDirectory = store,
        MemberZones = members?.Select(m => DnsName.Parse(m)).ToArray(),
    };

    public TransferContext Context() => new(Slots, new TransferMeter(Metrics, "minidns_secondary"), Time, Log.CreateLogger("plugin/secondary"), UpstreamRandom.Secure);

    /// <summary>Starts zones; those of an earlier start are their predecessors.</summary>
    public async Task<SecondaryZones> StartAsync(params SecondaryOptions[] directives)
    {
        var started = new SecondaryZones(directives.Length == 0 ? [Options()] : directives, Context(), _zones);
        await started.StartAsync(CancellationToken.None);
        if (_zones is { } before)
        {
            await before.DisposeAsync();
        }

        _zones = started;
        return started;
    }

    /// <summary>Stops the zones, as the end of the process does.</summary>
    public async Task StopAsync()
    {
        await Zones.DisposeAsync();
        _zones = null;
    }

    public SecondaryZone Find(string zone = Zone)
    {
        Assert.True(Zones.TryGet(DnsName.Parse(zone), out SecondaryZone? found), zone + " is not there");
        return found;
    }

    public bool Has(string zone) => Zones.TryGet(DnsName.Parse(zone), out _);

    public uint? Serial(string zone = Zone) => Zones.TryGet(DnsName.Parse(zone), out SecondaryZone? found) ? found.Served.Current?.Serial : null;

    /// <summary>Moves the clock on, and lets the question that this may have started come to its end.</summary>
    public async Task AdvanceAsync(double seconds)
    {
        Time.Advance(TimeSpan.FromSeconds(seconds));
        await UntilAsync(() => Zones.Zones.All.ToArray().All(z => Find(z.Origin.ToString()).State == ZoneState.Waiting));
    }

    /// <summary>Moves the clock in small steps until a condition holds; fails when that takes more time of the clock's than expected.</summary>
    public async Task AdvanceUntilAsync(Func<bool> condition, double mostSeconds, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        double step = mostSeconds / 50;
        for (double passed = 0; !condition(); passed += step)
        {
            Assert.True(passed <= mostSeconds, $"did not come true in {mostSeconds} seconds: {what}");
            await AdvanceAsync(step);
        }
    }

    /// <summary>Waits for a condition while the clock stands still, so that only what is due at once can bring it about.</summary>
    public Task SettleAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") => UntilAsync(
        () =>
        {
            Time.Advance(TimeSpan.Zero);
            return condition();
        },
        what);

    public void Notify(string zone = Zone, uint? serial = null, IPAddress? from = null) =>
        Find(zone).Notify(ClientAddress.From(new IPEndPoint(from ?? Primary.Address.Address, 12345)), serial);

    public async ValueTask DisposeAsync()
    {
        if (_zones is not null)
        {
            await _zones.DisposeAsync();
        }

        await Primary.DisposeAsync();
    }
}
