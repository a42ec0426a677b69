namespace MiniDns.Plugins.Template.Engine;

/// <summary>A token of a template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it starts, in characters.</param>
/// <param name="Text">Its text.</param>
/// <param name="AfterSpace">True when white space stands before it.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, int Offset, string Text, bool AfterSpace);
