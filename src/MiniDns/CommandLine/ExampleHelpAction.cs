using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MiniDns.CommandLine;

/// <summary>Shows the usual help, and below it what else there is to say of a command, and examples.</summary>
internal sealed class ExampleHelpAction(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Puts it in place of a command's help action.</summary>
    public static void Apply(RootCommand command)
    {
        HelpOption option = command.Options.OfType<HelpOption>().Single();
        option.Action = new ExampleHelpAction((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            Write(output, "Details:", command.Details);
            Write(output, "Examples:", command.Examples);
        }

        return code;
    }

    private static void Write(TextWriter output, string title, string text)
    {
        output.WriteLine(title);
        foreach (string line in text.Split('\n'))
        {
            output.WriteLine(("  " + line).TrimEnd());
        }

        output.WriteLine();
    }
}
