using MiniDns.Telemetry;

namespace MiniDns.Plugins.Telemetry;

/// <summary>The exports of a process. One goes on from one configuration to the next when nothing about it changes, so that its totals do too.</summary>
internal sealed class MetricExports
{
    private readonly Lock _lock = new();
    private readonly List<(MetricExport Export, int Users)> _exports = [];

    /// <summary>Finds or makes the export that some settings ask for.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="complain">Takes what is wrong with a metric.</param>
    /// <exception cref="IOException">A certificate cannot be read.</exception>
    public MetricExport Take(CollectorSettings settings, Action<string> complain)
    {
        lock (_lock)
        {
            int at = _exports.FindIndex(e => e.Export.Settings.IsSameAs(settings));
            if (at >= 0)
            {
                _exports[at] = (_exports[at].Export, _exports[at].Users + 1);
                return _exports[at].Export;
            }

            MetricExport made = new(settings, complain);
            _exports.Add((made, 1));
            return made;
        }
    }

    /// <summary>Gives one back.</summary>
    /// <returns>True when nobody has it any more: the caller ends it.</returns>
    public bool IsLast(MetricExport export)
    {
        lock (_lock)
        {
            int at = _exports.FindIndex(e => ReferenceEquals(e.Export, export));
            if (_exports[at].Users > 1)
            {
                _exports[at] = (export, _exports[at].Users - 1);
                return false;
            }

            _exports.RemoveAt(at);
            return true;
        }
    }
}
