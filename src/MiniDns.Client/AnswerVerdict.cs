namespace MiniDns.Client;

/// <summary>What is to be done with a message that came over UDP.</summary>
internal enum AnswerVerdict : byte
{
    /// <summary>It answers nothing we asked: the exchange waits on.</summary>
    Ignore,

    /// <summary>It is the answer.</summary>
    Take,

    /// <summary>It is an answer, but perhaps somebody else's: TCP will tell.</summary>
    Doubt,

    /// <summary>The upstream wants another cookie, which it sent along (RFC 7873 §5.2.3).</summary>
    AskAgain,
}
