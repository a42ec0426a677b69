namespace MiniDns.Plugins.Hosts;

/// <summary>What was wrong in a hosts file: the first few in words, the rest as a number.</summary>
internal sealed class HostsProblems
{
    /// <summary>How many are kept in words: a blocklist in a foreign format must not flood the log.</summary>
    public const int MaxKept = 10;

    private readonly List<(int Line, string Message)> _kept = [];

    /// <summary>The first problems.</summary>
    public IReadOnlyList<(int Line, string Message)> Kept => _kept;

    /// <summary>How many there were.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a problem.</summary>
    public void Add(int line, string message)
    {
        Count++;
        if (_kept.Count < MaxKept)
        {
            _kept.Add((line, message));
        }
    }
}
