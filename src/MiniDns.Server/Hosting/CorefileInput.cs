using MiniDns.Configuration;

namespace MiniDns.Server.Hosting;

/// <summary>The text of the Corefile that the command line names.</summary>
/// <param name="Path">The file's path, for messages and imports.</param>
/// <param name="Text">The text.</param>
internal sealed record CorefileInput(string Path, string Text)
{
    /// <summary>True when a path stands for standard input.</summary>
    public static bool IsStream(string? path) => path is "stdin" or "-";

    /// <summary>Reads a Corefile.</summary>
    /// <param name="path">Its path; null for <c>./Corefile</c> if there is one, else the built-in configuration.</param>
    /// <exception cref="StartFailure">It cannot be read.</exception>
    public static CorefileInput Read(string? path)
    {
        string file = path ?? "Corefile";
        if (path is null && !File.Exists(file))
        {
            return new CorefileInput(BuiltInCorefile.Name, BuiltInCorefile.Text);
        }

        try
        {
            return new CorefileInput(file, IsStream(path) ? Console.In.ReadToEnd() : File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartFailure($"{file}: cannot read the Corefile: {FileTrouble.Of(file, e)}", e);
        }
    }

    /// <summary>Parses a Corefile, and warns when nothing is served by it.</summary>
    public static CorefileDocument Parse(CorefileInput input, ConfigDiagnostics diagnostics)
    {
        CorefileDocument corefile = CorefileParser.Parse(input.Path, input.Text, diagnostics);
        if (corefile.Blocks.Count == 0 && !diagnostics.HasErrors)
        {
            diagnostics.Warning(new SourceSpan(input.Path, 1, 1, 0), "there is no server block, so nothing is served; a block is written '. {' … '}'");
        }

        return corefile;
    }

    /// <summary>What was found, by file, line and column.</summary>
    public static IReadOnlyList<ConfigDiagnostic> InOrder(ConfigDiagnostics diagnostics) =>
        [.. diagnostics.Items.OrderBy(i => i.Span.File, StringComparer.Ordinal).ThenBy(i => i.Span.Line).ThenBy(i => i.Span.Column)];
}
