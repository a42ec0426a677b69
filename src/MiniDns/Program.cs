using System.CommandLine;
using MiniDns.CommandLine;

// A word that begins with '@' is a server to ask, not a file of more words.
ParserConfiguration words = new() { ResponseFileTokenReplacer = null };
ParseResult parsed = ServeCommand.Create().Parse(args, words);
if (UsageErrors.Print(parsed, Console.Error))
{
    return UsageErrors.ExitCode;
}

// The host handles signals: a stop takes as long as the lameduck time and the queries in flight need.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
