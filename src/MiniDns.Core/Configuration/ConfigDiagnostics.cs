namespace MiniDns.Configuration;

/// <summary>Collects everything found wrong in a configuration, so that the user sees all of it at once.</summary>
public sealed class ConfigDiagnostics
{
    private readonly List<ConfigDiagnostic> _items = [];

    /// <summary>What was found, in the order it was found.</summary>
    public IReadOnlyList<ConfigDiagnostic> Items => _items;

    /// <summary>True when the configuration cannot be used.</summary>
    public bool HasErrors => _items.Exists(i => i.Severity == DiagnosticSeverity.Error);

    /// <summary>Notes an error.</summary>
    /// <param name="span">Where.</param>
    /// <param name="message">What is wrong and what would be right.</param>
    public void Error(SourceSpan span, string message) => Add(DiagnosticSeverity.Error, span, message);

    /// <summary>Notes a warning.</summary>
    /// <param name="span">Where.</param>
    /// <param name="message">What is doubtful and what would be better.</param>
    public void Warning(SourceSpan span, string message) => Add(DiagnosticSeverity.Warning, span, message);

    /// <summary>Messages quote the file, and go to terminals and logs: what would command these is shown as a question mark.</summary>
    private void Add(DiagnosticSeverity severity, SourceSpan span, string message) =>
        _items.Add(new(severity, span, message.Any(char.IsControl) ? string.Concat(message.Select(static c => char.IsControl(c) ? '?' : c)) : message));
}
