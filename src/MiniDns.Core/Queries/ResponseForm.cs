namespace MiniDns.Queries;

/// <summary>How a response holds its records.</summary>
public enum ResponseForm : byte
{
    /// <summary>It has none.</summary>
    Empty,

    /// <summary>As references to RRsets and as records in the query's own memory.</summary>
    Records,

    /// <summary>As the octets of a message.</summary>
    Wire,
}
