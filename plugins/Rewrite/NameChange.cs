namespace MiniDns.Plugins.Rewrite;

/// <summary>What a pattern did with a name.</summary>
internal enum NameChange : byte
{
    /// <summary>It does not match.</summary>
    NoMatch,

    /// <summary>It matches, and made another name.</summary>
    Changed,

    /// <summary>It matches, and what it made is no name: an empty label, or too long.</summary>
    Invalid,
}
