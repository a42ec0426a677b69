namespace MiniDns.Plugins.Acl;

/// <summary>What happens to a query.</summary>
internal enum AclAction : byte
{
    /// <summary>It goes on.</summary>
    Allow,

    /// <summary>REFUSED.</summary>
    Block,

    /// <summary>NOERROR without records.</summary>
    Filter,

    /// <summary>No reply.</summary>
    Drop,
}
