namespace MiniDns.Plugins.Template.Engine;

/// <summary>What is wrong or doubtful in a template.</summary>
/// <param name="Offset">Where, in characters from its start.</param>
/// <param name="Message">What, and what would be right.</param>
internal sealed record TemplateProblem(int Offset, string Message);
