using System.Text;
using MiniDns.Diagnostics;
using MiniDns.Files;

namespace MiniDns.Plugins.Rpz;

/// <summary>A policy zone and the version of it that holds now.</summary>
internal sealed class RpzZone(RpzZoneOptions options)
{
    private readonly string _name = options.Origin.ToString();
    private PolicyZone? _current;

    /// <summary>What the directive says of it.</summary>
    public RpzZoneOptions Options { get; } = options;

    /// <summary>The version that holds; null before one was read. A query reads it once.</summary>
    public PolicyZone? Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }

    /// <summary>The file; null for a zone that is transferred.</summary>
    public FollowedFile? File { get; } = options.Path is { } path ? new FollowedFile(path) : null;

    /// <summary>The text of the extended error.</summary>
    public byte[] ErrorText { get; } = Encoding.UTF8.GetBytes("policy zone " + options.Origin);

    /// <summary>What is done with what a rule says.</summary>
    public PolicyRule Apply(PolicyRule rule) => Options.Override ?? rule;

    /// <summary>Counts the times that the zone could not be had.</summary>
    public StripedCounter Failures(MetricRegistry metrics) =>
        metrics.Counter("minidns_rpz_load_failures_total", "Times that a policy zone could not be read.", ("zone", _name));

    /// <summary>Makes the zone's numbers visible.</summary>
    public void Publish(MetricRegistry metrics)
    {
        Failures(metrics);
        metrics.Gauge("minidns_rpz_malformed_records", "Records of a policy zone that are malformed.", () => Current?.Malformed ?? 0, ("zone", _name));
        metrics.Gauge("minidns_rpz_serial", "Serial number of a policy zone.", () => Current?.Serial ?? 0, ("zone", _name));
        metrics.Gauge("minidns_rpz_bytes", "Memory that a policy zone takes, in octets.", () => Current?.Octets ?? 0, ("zone", _name));
        foreach (PolicyTrigger trigger in Enum.GetValues<PolicyTrigger>())
        {
            metrics.Gauge("minidns_rpz_rules", "Rules of a policy zone, by trigger.", () => Current?.Count(trigger) ?? 0, ("zone", _name), ("trigger", PolicyText.Of(trigger).ToLowerInvariant()));
        }
    }

    /// <summary>Goes on where the zone of the same name and file is.</summary>
    /// <param name="zones">The zones of the configuration that is being replaced.</param>
    public void TakeOver(IEnumerable<RpzZone> zones)
    {
        if (File is not null && zones.FirstOrDefault(z => z.Options.Origin == Options.Origin && z.File?.Path == File.Path) is { } before)
        {
            File.TakeOver(before.File!);
            Current = before.Current;
        }
    }
}
