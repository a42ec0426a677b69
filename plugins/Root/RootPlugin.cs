using MiniDns.Configuration;

namespace MiniDns.Plugins.Root;

/// <summary>The directive <c>root</c>: where relative paths of later plugins start.</summary>
public sealed class RootPlugin : IDnsPlugin
{
    /// <inheritdoc/>
    public string Name => "root";

    /// <inheritdoc/>
    public void Setup(PluginSetup setup)
    {
        for (int i = 0; i < setup.Directives.Count; i++)
        {
            DirectiveReader reader = new(setup.Directives[i], setup.Diagnostics);
            if (i > 0)
            {
                reader.Warning($"given already at {setup.Directives[i - 1].Span}; the last one counts");
            }

            if (reader.TryPath(out string? path, "the path of a directory"))
            {
                setup.Block.Root = path;
                if (!Directory.Exists(path))
                {
                    // It may appear later, with the files in it.
                    reader.Warning($"'{path}' is not there, or is no directory");
                }
            }

            reader.End();
        }
    }
}
