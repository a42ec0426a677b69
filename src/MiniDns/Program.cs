using System.CommandLine;
using MiniDns.CommandLine;

// The host handles signals: a stop takes as long as the lameduck time and the queries in flight need.
// A word that begins with '@' is a server to ask, not a file of more words.
ParserConfiguration words = new() { ResponseFileTokenReplacer = null };
return await ServeCommand.Create().Parse(args, words).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
