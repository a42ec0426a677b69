namespace MiniDns.Configuration;

/// <summary>Something found wrong in a configuration.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Span">Where.</param>
/// <param name="Message">What is wrong and what would be right; begins with the plugin's name where there is one.</param>
public sealed record ConfigDiagnostic(DiagnosticSeverity Severity, SourceSpan Span, string Message)
{
    /// <summary><c>file:line:column: error: message</c>.</summary>
    public override string ToString() => $"{Span}: {(Severity == DiagnosticSeverity.Error ? "error" : "warning")}: {Message}";
}
