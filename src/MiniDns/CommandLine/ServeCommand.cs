using System.CommandLine;
using System.CommandLine.Parsing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MiniDns.Diagnostics;
using MiniDns.Logging;
using MiniDns.Plugins;
using MiniDns.Server.Building;
using MiniDns.Server.Hosting;

namespace MiniDns.CommandLine;

/// <summary>The command line: CoreDNS's flags, in Go's spelling (<c>-conf FILE</c>) and in the usual one (<c>--conf FILE</c>).</summary>
internal static class ServeCommand
{
    private const int FailureCode = 1;

    public static RootCommand Create()
    {
        var conf = new Option<string?>("-conf", "--conf") { Description = "Corefile to read; without it ./Corefile, else a built-in one: hosts, cache, forward to 8.8.8.8", HelpName = "FILE" };
        var port = new Option<int>("-dns.port", "--dns.port", "-p") { Description = "port of the server blocks that name none", HelpName = "PORT", DefaultValueFactory = _ => 53 };
        var quiet = new Option<bool>("-quiet", "--quiet") { Description = "print nothing at the start" };
        var pidFile = new Option<string?>("-pidfile", "--pidfile") { Description = "file to write the process id to", HelpName = "FILE" };
        var version = new Option<bool>("-version", "--version") { Description = "print the version and end" };
        var plugins = new Option<bool>("-plugins", "--plugins") { Description = "list the plugins and end" };
        port.Validators.Add(static result => CheckPort(result));

        var command = new RootCommand("MiniDns answers DNS queries by the plugins that a Corefile names, as CoreDNS does.");
        foreach (Option own in command.Options.Where(o => o is VersionOption).ToArray())
        {
            command.Options.Remove(own);
        }

        command.Options.Add(conf);
        command.Options.Add(port);
        command.Options.Add(quiet);
        command.Options.Add(pidFile);
        command.Options.Add(version);
        command.Options.Add(plugins);
        command.Subcommands.Add(CheckCommand.Create());
        command.Subcommands.Add(PlanCommand.Create());
        command.Subcommands.Add(ExplainCommand.Create());
        command.Subcommands.Add(QueryCommand.Create());
        command.Subcommands.Add(FmtCommand.Create());
        command.Subcommands.Add(ReloadCommand.Create());
        ExampleHelpAction.Apply(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            if (result.GetValue(version))
            {
                await Console.Out.WriteLineAsync(ServerVersion.Name);
                await Console.Out.WriteLineAsync(ServerVersion.Platform);
                return 0;
            }

            if (result.GetValue(plugins))
            {
                await ListPluginsAsync();
                return 0;
            }

            return await ServeAsync(
                new MiniDnsOptions
                {
                    CorefilePath = result.GetValue(conf),
                    Port = result.GetValue(port),
                    Quiet = result.GetValue(quiet),
                    PidFile = result.GetValue(pidFile),
                    OwnsProcess = true,
                    ExplainPage = ExplainPage.GetAsync,
                    RehearsalZone = Path.Combine(AppContext.BaseDirectory, "rehearsal.zone"),
                },
                cancellationToken);
        });
        return command;
    }

    /// <summary>Notes an error when a port is none.</summary>
    public static void CheckPort(OptionResult result)
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, out int value) && value is >= 0 and <= ushort.MaxValue))
        {
            result.AddError($"'{token.Value}' is not a port: a number from 0 to 65535");
        }
    }

    private static async Task ListPluginsAsync()
    {
        await Console.Out.WriteLineAsync("Plugins, in the order a query meets them:");
        foreach (IDnsPlugin plugin in PluginOrder.All)
        {
            await Console.Out.WriteLineAsync("  dns." + plugin.Name);
        }
    }

    private static async Task<int> ServeAsync(MiniDnsOptions options, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(settings: null);
        var debug = new DebugSwitch();
        builder.Services.AddSingleton(debug);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddProvider(new LineLoggerProvider(ConsoleLineWriter.StandardOutput, debug, JournalStream.IsStandardOutput()));
        builder.Logging.AddFilter("Microsoft", LogLevel.None);
        builder.Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);

        // health's lameduck decides how long a stop takes; the host only has to be more patient than that.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromHours(1));
        builder.Services.AddMiniDns(options, new PluginCatalog(PluginOrder.All));
        try
        {
            using IHost host = builder.Build();
            IHostApplicationLifetime life = host.Services.GetRequiredService<IHostApplicationLifetime>();
            try
            {
                await host.RunAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
            {
                // It was to stop before it had started.
            }

            return 0;
        }
        catch (StartFailure e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return FailureCode;
        }
        finally
        {
            ConsoleLineWriter.StandardOutput.Dispose();
        }
    }
}
