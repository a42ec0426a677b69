using MiniDns.CommandLine;

return await ServeCommand.Create().Parse(args).InvokeAsync();
