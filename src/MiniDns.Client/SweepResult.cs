namespace MiniDns.Client;

/// <summary>What a sweep found.</summary>
internal enum SweepResult : byte
{
    /// <summary>Nothing waits.</summary>
    Idle,

    /// <summary>Exchanges wait: deadlines are near.</summary>
    Waiting,

    /// <summary>Closed: it is not to be looked after any more.</summary>
    Gone,
}
