using MiniDns.Configuration;
using MiniDns.Protocol.Messages;

namespace MiniDns.Plugins.Header;

/// <summary>The directive <c>header</c>.</summary>
public sealed class HeaderPlugin : IDnsPlugin
{
    private const string Syntax = "query set rd' or 'response clear aa ra";

    private static readonly Dictionary<string, ushort> Flags = new(StringComparer.OrdinalIgnoreCase)
    {
        ["aa"] = DnsHeader.AuthoritativeFlag,
        ["ra"] = DnsHeader.RecursionAvailableFlag,
        ["rd"] = DnsHeader.RecursionDesiredFlag,
    };

    /// <inheritdoc/>
    public string Name => "header";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        if (!setup.ExpectOnce())
        {
            return;
        }

        DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics);
        var options = new HeaderOptions(FlagChange.None, FlagChange.None);
        int rules = 0;
        reader.Properties([], other: line =>
        {
            rules++;
            options = line.Name.ToLowerInvariant() switch
            {
                "query" => options with { Query = Read(line, options.Query) },
                "response" => options with { Response = Read(line, options.Response) },
                _ => Refuse(line, options),
            };
        });
        if (rules == 0)
        {
            reader.Error(reader.Directive.Span, $"a rule in braces is expected, such as '{Syntax}'");
        }

        setup.Use(next => new HeaderHandler(next, options));
    }

    private static FlagChange Read(DirectiveReader line, FlagChange before)
    {
        if (!line.ArgumentCount(2, int.MaxValue, $"{line.Name} set FLAGS...' or '{line.Name} clear FLAGS..."))
        {
            return before;
        }

        string action = line.Word("'set' or 'clear'").ToLowerInvariant();
        if (action is not ("set" or "clear"))
        {
            line.Error($"'{action}' is not 'set' or 'clear'");
            line.Rest();
            return before;
        }

        foreach (CorefileToken token in line.Rest())
        {
            if (Flags.TryGetValue(token.Text, out ushort flag))
            {
                before = action == "set" ? before.Set(flag) : before.Clear(flag);
            }
            else
            {
                line.Error(token.Span, $"'{token.Text}' is not one of aa, ra, rd");
            }
        }

        return before;
    }

    private static HeaderOptions Refuse(DirectiveReader line, HeaderOptions options)
    {
        line.Error($"'{line.Name}' is not 'query' or 'response'; write rules such as '{Syntax}'{NearNames.Hint(line.Name, ["query", "response"])}");
        line.Rest();
        return options;
    }
}
