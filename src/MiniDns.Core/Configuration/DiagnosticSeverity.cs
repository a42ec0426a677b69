namespace MiniDns.Configuration;

/// <summary>How bad a finding is.</summary>
public enum DiagnosticSeverity
{
    /// <summary>The configuration works, but probably not as meant.</summary>
    Warning,

    /// <summary>The configuration cannot be used.</summary>
    Error,
}
