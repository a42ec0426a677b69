using System.CommandLine;
using Microsoft.Extensions.Logging;
using MiniDns.CommandLine.Messages;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Hosting;
using MiniDns.Server.Inspection;

namespace MiniDns.CommandLine;

/// <summary>What the commands that look at a Corefile have in common.</summary>
internal static class CorefileOptions
{
    /// <summary>The Corefile as an argument.</summary>
    public static Argument<string?> FileArgument()
    {
        var file = new Argument<string?>("FILE") { Description = "the Corefile; './Corefile' by default, '-' is standard input", Arity = ArgumentArity.ZeroOrOne };
        file.Validators.Add(UsageErrors.RefuseOptions);
        return file;
    }

    /// <summary>The port of keys that name none.</summary>
    public static Option<int> Port()
    {
        var port = new Option<int>("--dns.port", "-dns.port", "-p") { Description = "port of the server blocks that name none", HelpName = "PORT", DefaultValueFactory = _ => 53 };
        port.Validators.Add(ServeCommand.CheckPort);
        return port;
    }

    /// <summary>Output for programs.</summary>
    public static Option<bool> Json() => new("--json") { Description = "print JSON" };

    /// <summary>Makes what looks at a Corefile, with all plugins.</summary>
    public static CorefileInspector Inspector(int port, ILoggerFactory loggers) => new(new PluginCatalog(PluginOrder.All), port, TimeProvider.System, loggers);

    /// <summary>Runs a command that reads a Corefile; one that cannot be read is an error.</summary>
    /// <param name="isJson">Whether a program reads the output: it gets an object in any case.</param>
    /// <param name="action">The command; its result is the exit code.</param>
    public static async Task<int> RunAsync(bool isJson, Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (StartFailure e)
        {
            await (isJson ? JsonOutput.PrintAsync(json => JsonOutput.WriteFailure(json, e.Message)) : Console.Error.WriteLineAsync(e.Message));
            return 1;
        }
    }
}
