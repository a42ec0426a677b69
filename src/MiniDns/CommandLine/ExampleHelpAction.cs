using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MiniDns.CommandLine;

/// <summary>Shows the usual help, and below it what else there is to say of a command, and examples.</summary>
internal sealed class ExampleHelpAction(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Indent = "  ";

    /// <summary>Those of the program itself.</summary>
    private const string Serving = """
        minidns -conf /etc/minidns/Corefile  serve
        minidns -p 1053                      serve ./Corefile at port 1053, which needs no root
        minidns check                        what is wrong with ./Corefile?
        minidns explain www.example.org      why does it resolve so?
        minidns query --help                 the options of a command, and examples
        """;

    /// <summary>Puts it in place of a command's help action.</summary>
    public static void Apply(RootCommand command)
    {
        HelpOption option = command.Options.OfType<HelpOption>().Single();

        // Those of another system would only be in the way of files.
        option.Aliases.Remove("/h");
        option.Aliases.Remove("/?");
        option.Description = "show how the program, or a command, is used";
        option.Action = new ExampleHelpAction((HelpAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is RootCommand)
        {
            Write(output, "Examples:", Serving.Split('\n'));
        }
        else if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            int width = Terminal.OutputWidth;
            Write(output, "Details:", command.Details.Split('\n').SelectMany(l => Terminal.Wrap(l, width - Indent.Length)));
            Write(output, "Examples:", command.Examples.Split('\n'));
        }

        return code;
    }

    private static void Write(TextWriter output, string title, IEnumerable<string> lines)
    {
        output.WriteLine(title);
        foreach (string line in lines)
        {
            output.WriteLine((Indent + line).TrimEnd());
        }

        output.WriteLine();
    }
}
