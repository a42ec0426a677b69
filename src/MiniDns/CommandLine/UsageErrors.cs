using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using MiniDns.Configuration;

namespace MiniDns.CommandLine;

/// <summary>What is wrong with a command line, in a line each: the whole help below it would push them off the screen.</summary>
internal static class UsageErrors
{
    /// <summary>The exit code for a command line that is wrong.</summary>
    public const int ExitCode = 1;

    /// <summary>Prints what is wrong, if anything is and the command line does not ask for help.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">Takes the lines.</param>
    /// <returns>False when nothing is wrong.</returns>
    public static bool Print(ParseResult parsed, TextWriter output)
    {
        if (parsed.Action is not ParseErrorAction)
        {
            return false;
        }

        Command command = parsed.CommandResult.Command;
        IReadOnlyList<string> unknown = parsed.UnmatchedTokens;
        if (unknown.Count > 0)
        {
            // Those after the first may be its values.
            output.WriteLine(Unknown(unknown[0], command));
        }

        foreach (ParseError error in parsed.Errors.Where(e => !unknown.Any(w => e.Message.Contains($"'{w}'", StringComparison.Ordinal))))
        {
            output.WriteLine(error.Message);
        }

        output.WriteLine($"'{Path(parsed.CommandResult)} --help' shows how it is used");
        return true;
    }

    /// <summary>Notes words of an argument that look like options, which they would be if they were spelled right.</summary>
    public static void RefuseOptions(ArgumentResult result)
    {
        foreach (Token token in result.Tokens.Where(t => t.Value.Length > 1 && t.Value[0] == '-'))
        {
            result.AddError(Unknown(token.Value, (result.Parent as CommandResult)!.Command));
        }
    }

    private static string Unknown(string word, Command command)
    {
        if (word.StartsWith('-'))
        {
            // An option of one letter is as near to any other.
            string? near = NearNames.Find(word, command.Options.SelectMany(o => (string[])[o.Name, .. o.Aliases]).Where(n => n.Length > 2));
            return near is null ? $"unknown option '{word}'" : $"unknown option '{word}'; did you mean '{near}'?";
        }

        return command.Subcommands.Count > 0
            ? $"unknown command '{word}'{NearNames.Hint(word, [.. command.Subcommands.Select(c => c.Name)])}"
            : $"'{word}' is one word too many";
    }

    private static string Path(CommandResult result) => result.Parent is CommandResult parent ? $"{Path(parent)} {result.Command.Name}" : "minidns";
}
