using MiniDns.Configuration;

namespace MiniDns.Plugins.Erratic;

/// <summary>The directive <c>erratic</c>.</summary>
public sealed class ErraticPlugin : IDnsPlugin
{
    private const int DefaultAmount = 2;

    /// <inheritdoc/>
    public string Name => "erratic";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        ErraticOptions options = new();
        bool isDropSaid = false;
        foreach (Directive directive in setup.Directives)
        {
            DirectiveReader reader = new(directive, setup.Diagnostics);
            if (reader.HasArgument)
            {
                reader.Rest();
                reader.Warning("takes no arguments; what is written here is not looked at");
            }

            reader.Properties(new(StringComparer.Ordinal)
            {
                ["drop"] = p =>
                {
                    options = options with { Drop = Amount(p) };
                    isDropSaid = true;
                },
                ["truncate"] = p => options = options with { Truncate = Amount(p) },
                ["delay"] = p =>
                {
                    options = options with { Delay = Amount(p) };
                    options = options with { DelayBy = p.HasArgument ? p.Duration(options.DelayBy) : new ErraticOptions().DelayBy };
                },
                ["large"] = _ => options = options with { Large = true },
            });
        }

        if (!isDropSaid && (options.Delay > 0 || options.Truncate > 0))
        {
            options = options with { Drop = 0 };
        }

        ErraticHandler handler = new(options, setup.Services.Time);
        setup.Use(_ => handler);
        setup.Provide<IReadinessProbe>(handler);
    }

    private static int Amount(DirectiveReader property) => property.HasArgument ? property.Int(0, int.MaxValue, DefaultAmount) : DefaultAmount;
}
