namespace MiniDns.Plugins.Trace;

/// <summary>One span of a trace.</summary>
internal struct SpanData
{
    /// <summary>What was done.</summary>
    public string Name;

    /// <summary>The place of the span that it is part of; -1 for the first one.</summary>
    public int Parent;

    /// <summary>True when another server was asked.</summary>
    public bool IsClient;

    /// <summary>When it began, as a timestamp of the clock.</summary>
    public long Start;

    /// <summary>When it ended; 0 while it has not.</summary>
    public long End;

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error;

    /// <summary>What was noted about it; null when nothing was.</summary>
    public List<KeyValuePair<string, string>>? Tags;
}
