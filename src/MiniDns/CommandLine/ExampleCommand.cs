using System.CommandLine;

namespace MiniDns.CommandLine;

/// <summary>A command whose help ends with more about it, and examples.</summary>
/// <param name="name">The word that stands for it.</param>
/// <param name="summary">What it does, in a few words.</param>
/// <param name="details">What it does, in full.</param>
/// <param name="examples">Command lines, one a line.</param>
internal sealed class ExampleCommand(string name, string summary, string details, string examples) : Command(name, summary)
{
    /// <summary>What it does, in full.</summary>
    public string Details { get; } = details;

    /// <summary>Command lines, one a line.</summary>
    public string Examples { get; } = examples;
}
