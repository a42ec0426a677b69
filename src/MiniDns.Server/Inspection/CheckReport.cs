using MiniDns.Configuration;

namespace MiniDns.Server.Inspection;

/// <summary>What is wrong or doubtful about a configuration.</summary>
/// <param name="Path">The Corefile.</param>
/// <param name="Findings">Errors and warnings, by file, line and column.</param>
public sealed record CheckReport(string Path, IReadOnlyList<ConfigDiagnostic> Findings)
{
    /// <summary>How many errors there are: with one, the server does not start.</summary>
    public int Errors => Findings.Count(f => f.Severity == DiagnosticSeverity.Error);

    /// <summary>How many warnings there are.</summary>
    public int Warnings => Findings.Count - Errors;
}
