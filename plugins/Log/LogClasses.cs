namespace MiniDns.Plugins.Log;

/// <summary>Kinds of replies, as <c>class</c> names them.</summary>
[Flags]
internal enum LogClasses : byte
{
    None = 0,

    /// <summary>Records, or a referral.</summary>
    Success = 1,

    /// <summary>The name or the type does not exist.</summary>
    Denial = 2,

    /// <summary>Everything else, no reply at all included.</summary>
    Error = 4,

    All = Success | Denial | Error,
}
