namespace MiniDns.Client;

/// <summary>What about an answer that came over UDP gives reason to ask again over TCP, where nobody on another path can answer.</summary>
public enum AnswerDoubt : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It repeats the name in another case than it was asked in ("0x20").</summary>
    Case,

    /// <summary>It lacks the cookie that the upstream has sent so far (RFC 7873 §5.3).</summary>
    Cookie,
}
