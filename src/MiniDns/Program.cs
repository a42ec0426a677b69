using System.CommandLine;
using MiniDns.CommandLine;

// The host handles signals: a stop takes as long as the lameduck time and the queries in flight need.
return await ServeCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
