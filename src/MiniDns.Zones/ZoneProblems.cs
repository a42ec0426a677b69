namespace MiniDns.Zones;

/// <summary>Collects what is found in a zone's data: all of it is counted, the first of it is kept.</summary>
public sealed class ZoneProblems
{
    /// <summary>How many errors, and how many warnings, are kept.</summary>
    public const int Limit = 100;

    private readonly List<ZoneProblem> _items = [];

    /// <summary>The problems kept, in the order found.</summary>
    public IReadOnlyList<ZoneProblem> Items => _items;

    /// <summary>How many errors there are.</summary>
    public int ErrorCount { get; private set; }

    /// <summary>How many warnings there are.</summary>
    public int WarningCount { get; private set; }

    /// <summary>True when the zone cannot be served.</summary>
    public bool HasErrors => ErrorCount > 0;

    /// <summary>The errors kept.</summary>
    public IEnumerable<ZoneProblem> Errors => _items.Where(i => i.IsError);

    /// <summary>The warnings kept.</summary>
    public IEnumerable<ZoneProblem> Warnings => _items.Where(i => !i.IsError);

    /// <summary>Notes an error.</summary>
    public void Error(in ZonePlace place, string message)
    {
        if (ErrorCount++ < Limit)
        {
            _items.Add(new ZoneProblem(true, place.File, place.Line, place.Column, message));
        }
    }

    /// <summary>Notes a warning.</summary>
    public void Warning(in ZonePlace place, string message)
    {
        if (WarningCount++ < Limit)
        {
            _items.Add(new ZoneProblem(false, place.File, place.Line, place.Column, message));
        }
    }
}
