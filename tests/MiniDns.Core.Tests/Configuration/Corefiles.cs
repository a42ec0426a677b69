using MiniDns.Configuration;

namespace MiniDns.Core.Tests.Configuration;

/// <summary>Parses Corefiles in tests: an environment of the test's own, trees as short texts.</summary>
internal static class Corefiles
{
    public static CorefileDocument Parse(string text, out ConfigDiagnostics diagnostics, string path = "Corefile", params (string Name, string Value)[] environment)
    {
        diagnostics = new ConfigDiagnostics();
        Dictionary<string, string> variables = environment.ToDictionary(e => e.Name, e => e.Value);
        return CorefileParser.Parse(path, text, diagnostics, name => variables.GetValueOrDefault(name));
    }

    /// <summary>Parses text that must be without errors and warnings.</summary>
    public static CorefileDocument ParseClean(string text, params (string Name, string Value)[] environment)
    {
        CorefileDocument document = Parse(text, out ConfigDiagnostics diagnostics, "Corefile", environment);
        Assert.Empty(diagnostics.Items);
        return document;
    }

    /// <summary><c>key key { name arg { line; line } }</c>; one block a line.</summary>
    public static string Show(CorefileDocument document) => string.Join('\n', document.Blocks.Select(Show));

    public static string Show(Directive line) =>
        string.Join(' ', [Word(line.Name), .. line.Arguments.Select(Word), .. line.HasBody ? [Body(line.Body)] : Array.Empty<string>()]);

    /// <summary>Line:column and message of each finding, errors only.</summary>
    public static string[] Errors(ConfigDiagnostics diagnostics) =>
        [.. diagnostics.Items.Where(i => i.Severity == DiagnosticSeverity.Error).Select(i => i.ToString())];

    private static string Show(ServerBlockNode block) => $"{string.Join(' ', block.Keys.Select(Word))} {Body(block.Directives)}";

    private static string Body(IReadOnlyList<Directive> lines) => lines.Count == 0 ? "{ }" : $"{{ {string.Join("; ", lines.Select(Show))} }}";

    private static string Word(CorefileToken token) => token.Text.Length == 0 || token.Text.Any(char.IsWhiteSpace) ? $"<{token.Text}>" : token.Text;
}
