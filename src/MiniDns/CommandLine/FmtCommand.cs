using System.CommandLine;
using System.Text;
using MiniDns.Configuration;

namespace MiniDns.CommandLine;

/// <summary><c>minidns fmt</c>: lays Corefiles out.</summary>
internal static class FmtCommand
{
    private const string Summary = "Lays Corefiles out";

    private const string Details = """
        Lays Corefiles out: four spaces a level, one space between words, no two empty lines in a row.
        Comments stay where they are, and the meaning never changes.
        """;

    private const string Examples = """
        minidns fmt                        print ./Corefile laid out
        minidns fmt -w Corefile conf.d/*   rewrite files
        minidns fmt --check Corefile       exit with 1 when the file is laid out otherwise
        minidns fmt - < Corefile           from standard input
        """;

    /// <summary>Refuses what is not UTF-8, which would not survive being written.</summary>
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "files to lay out; './Corefile' by default, '-' is standard input", Arity = ArgumentArity.ZeroOrMore };
        files.Validators.Add(UsageErrors.RefuseOptions);
        var write = new Option<bool>("-w", "--write") { Description = "write the files instead of printing them" };
        var check = new Option<bool>("--check") { Description = "print only the names of files that are laid out otherwise" };
        var command = new ExampleCommand("fmt", Summary, Details, Examples);
        command.Arguments.Add(files);
        command.Options.Add(write);
        command.Options.Add(check);
        command.SetAction(async (result, cancellationToken) =>
        {
            string[] named = result.GetValue(files) is { Length: > 0 } given ? given : ["Corefile"];
            int code = 0;
            foreach (string file in named)
            {
                code = Math.Max(code, await FormatAsync(file, result.GetValue(write), result.GetValue(check), cancellationToken));
            }

            return code;
        });
        return command;
    }

    private static async Task<int> FormatAsync(string file, bool write, bool check, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            text = file == "-" ? await Console.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, Utf8, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            await Console.Error.WriteLineAsync($"{file}: cannot be read: {FileTrouble.Of(file, e)}");
            return 1;
        }

        var diagnostics = new ConfigDiagnostics();
        if (CorefileFormatter.Format(file, text, diagnostics) is not { } formatted)
        {
            await Console.Error.WriteLineAsync(string.Join(Environment.NewLine, diagnostics.Items));
            return 1;
        }

        bool differs = !formatted.Equals(text, StringComparison.Ordinal);
        if (check)
        {
            await Console.Out.WriteAsync(differs ? file + "\n" : "");
            return differs ? 1 : 0;
        }

        if (!write || file == "-")
        {
            await Console.Out.WriteAsync(formatted);
            return 0;
        }

        try
        {
            // A file that is as it should be keeps its time: a server may be watching.
            if (differs)
            {
                await File.WriteAllTextAsync(file, formatted, Utf8, cancellationToken);
            }

            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{file}: cannot be written: {FileTrouble.Of(file, e)}");
            return 1;
        }
    }
}
