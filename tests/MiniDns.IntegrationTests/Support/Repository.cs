namespace MiniDns.IntegrationTests.Support;

/// <summary>Where things are: the repository's root and the server that was built together with these tests.</summary>
internal static class Repository
{
    /// <summary>The directory of MiniDns.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release: the configuration of these tests.</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    /// <summary>The directory of the built server, of the same configuration as these tests.</summary>
    public static string ServerDirectory { get; } = PathOf("src", "MiniDns", "bin", Configuration, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)));

    /// <summary>The built server.</summary>
    public static string ServerAssembly { get; } = Path.Combine(ServerDirectory, "minidns.dll");

    /// <summary>The dotnet host that runs these tests; a machine may have several.</summary>
    public static string DotnetHost { get; } = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";

    /// <summary>A file or directory of the repository.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "MiniDns.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException($"no MiniDns.sln above {AppContext.BaseDirectory}: these tests run from inside the repository");
    }
}
