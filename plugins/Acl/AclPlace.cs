namespace MiniDns.Plugins.Acl;

/// <summary>Where in a chain rules are asked.</summary>
internal enum AclPlace
{
    /// <summary>Before everything that could answer.</summary>
    BeforeAll,

    /// <summary>Behind what changes questions.</summary>
    BehindChanges,

    /// <summary>Behind what changes questions and behind a cache, which must not keep for all what one client may have.</summary>
    BehindCacheAndChanges,
}
