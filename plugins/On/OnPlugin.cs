using MiniDns.Configuration;

namespace MiniDns.Plugins.On;

/// <summary>The directive <c>on</c>: commands that are run at events.</summary>
public sealed class OnPlugin : IDnsPlugin
{
    /// <summary>The most commands of a block.</summary>
    internal const int MaxCommands = 32;

    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly Dictionary<string, OnEvent> Events = new(StringComparer.OrdinalIgnoreCase)
    {
        ["startup"] = OnEvent.Startup,
        ["shutdown"] = OnEvent.Shutdown,
        ["certrenew"] = OnEvent.CertificateRenewed,
    };

    /// <inheritdoc/>
    public string Name => "on";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (setup.Directives.Count > MaxCommands)
        {
            setup.Diagnostics.Error(setup.Directives[MaxCommands].Span, $"on: a server block has at most {MaxCommands} commands");
        }

        Dictionary<OnEvent, List<EventCommand>> commands = Enum.GetValues<OnEvent>().ToDictionary(e => e, _ => new List<EventCommand>());
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
            OnEvent on = reader.Choice(Events, OnEvent.Startup);
            SourceSpan place = reader.Next?.Span ?? reader.Span;
            string text = string.Join(' ', reader.Rest().Select(w => w.Text));
            TimeSpan timeout = DefaultTimeout;
            reader.Properties(new(StringComparer.Ordinal) { ["timeout"] = p => timeout = p.Duration(timeout, least: TimeSpan.FromMilliseconds(1), most: TimeSpan.FromHours(1)) });
            if (!CommandText.TrySplit(text, out List<string> words, out string? error))
            {
                reader.Error(place, $"the command cannot be read: {error}");
                continue;
            }

            bool inBackground = words is [_, .., "&"];
            words = inBackground ? words[..^1] : words;
            if (directive.Arguments.Count > 0 && words is [] or ["&", ..] or ["", ..])
            {
                reader.Error(place, "a command is expected, such as 'on startup /usr/bin/touch /run/started'");
                continue;
            }

            if (on == OnEvent.CertificateRenewed)
            {
                reader.Warning("nothing renews certificates here, so the command is never run");
            }
            else if (words.Count > 0 && !IsThere(words[0]))
            {
                setup.Diagnostics.Warning(place, $"on: there is no program '{words[0]}', so the command cannot be run");
            }

            commands[on].Add(new EventCommand(directive.Arguments.Count > 0 ? directive.Arguments[0].Text : "", words, inBackground, timeout, setup.Services));
        }

        setup.Provide(new EventCommands(commands[OnEvent.Startup], commands[OnEvent.Shutdown]));
    }

    /// <summary>True when a program can be found as starting it would: by its path, or on <c>PATH</c>.</summary>
    private static bool IsThere(string program) => program.Contains('/', StringComparison.Ordinal) || OperatingSystem.IsWindows()
        ? OperatingSystem.IsWindows() || File.Exists(program)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => File.Exists(Path.Combine(d, program)));
}
