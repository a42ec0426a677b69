namespace MiniDns.Plugins.NameLists;

/// <summary>What was found in a list: how much, and what was wrong.</summary>
internal sealed class ListSummary
{
    /// <summary>How many malformed lines are told of in words: a page of HTML must not flood the log.</summary>
    public const int MaxKept = 10;

    private readonly List<(int Line, int Column, string Message)> _kept = [];

    /// <summary>The first malformed lines.</summary>
    public IReadOnlyList<(int Line, int Column, string Message)> Kept => _kept;

    /// <summary>Names that were taken.</summary>
    public int Names { get; set; }

    /// <summary>Lines that are right, but say what a DNS server cannot do: paths, elements of pages.</summary>
    public int Unsupported { get; set; }

    /// <summary>Lines that are wrong.</summary>
    public int Malformed { get; private set; }

    /// <summary>True when this is not a list at all, but something else in its place.</summary>
    public bool IsNoList => Malformed > Names + Unsupported;

    /// <summary>Notes a malformed line.</summary>
    public void Add(int line, int column, string message)
    {
        Malformed++;
        if (_kept.Count < MaxKept)
        {
            _kept.Add((line, column, message));
        }
    }
}
