namespace MiniDns.Server.Tests.Shape;

/// <summary>The repository that the tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find();

    public static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Any(p => p is "obj" or "bin"));

    /// <summary>The last part of a plugin folder's namespace: the folder's name, but for names that would hide a type everybody uses.</summary>
    public static string NamespaceOf(string pluginFolder) => pluginFolder == "File" ? "FileZones" : pluginFolder;

    /// <summary>The folders that hold a plugin; the others hold what several plugins share.</summary>
    public static IEnumerable<string> PluginFolders() =>
        Directory.EnumerateDirectories(Path.Combine(Root, "plugins")).Select(d => Path.GetFileName(d)!).Where(f => File.Exists(Path.Combine(Root, "plugins", f, f + "Plugin.cs")));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace(Path.DirectorySeparatorChar, '/');

    private static string Find()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "MiniDns.sln")))
        {
            at = at.Parent;
        }

        return at?.FullName ?? throw new InvalidOperationException("the tests do not lie in the repository");
    }
}
