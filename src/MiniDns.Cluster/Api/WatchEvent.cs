namespace MiniDns.Cluster.Api;

/// <summary>What a line of a watch says.</summary>
internal enum WatchEvent
{
    /// <summary>Something unheard of, to be passed over.</summary>
    Unknown,

    /// <summary>An object was added or changed.</summary>
    Put,

    /// <summary>An object is gone.</summary>
    Deleted,

    /// <summary>Nothing happened up to a version.</summary>
    Bookmark,

    /// <summary>The watch cannot go on.</summary>
    Error,
}
