namespace MiniDns.Plugins.Rewrite;

/// <summary>What a pattern is held against, which tells how its text is completed.</summary>
internal enum PatternUse : byte
{
    /// <summary>A name in a question or an answer: a missing final dot is supplied, whatever the kind of match.</summary>
    Question,

    /// <summary>The target of an alias: only a whole name gets a final dot, a piece of one stays as it is written.</summary>
    Target,
}
