namespace MiniDns.Files;

/// <summary>What came of a look at a file.</summary>
public enum FollowedFileOutcome
{
    /// <summary>It is the one that was read before.</summary>
    Unchanged,

    /// <summary>It was read.</summary>
    Read,

    /// <summary>It cannot be read.</summary>
    Unreadable,
}
