namespace MiniDns.Plugins.Rewrite;

/// <summary><c>answer name</c> or <c>answer value</c>.</summary>
/// <param name="Pattern">The names, and what to make of them.</param>
/// <param name="IsForValues">True for names in rdata, false for owner names.</param>
internal readonly record struct AnswerRule(NamePattern Pattern, bool IsForValues);
