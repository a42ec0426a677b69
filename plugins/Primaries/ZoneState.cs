namespace MiniDns.Plugins.Primaries;

/// <summary>What a secondary zone does just now.</summary>
internal enum ZoneState
{
    /// <summary>Not started.</summary>
    New,

    /// <summary>Waits for its timer or for news.</summary>
    Waiting,

    /// <summary>Asks its primaries, or waits for its turn to do so.</summary>
    Asking,

    /// <summary>Will ask nobody any more.</summary>
    Stopped,
}
