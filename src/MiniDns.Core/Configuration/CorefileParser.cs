namespace MiniDns.Configuration;

/// <summary>Reads Corefile text into a <see cref="CorefileDocument"/>.</summary>
/// <remarks>
/// <para>The language is CoreDNS 1.14.7's: what that accepts is read with the same meaning. Beyond it: a block may stand on
/// one line (<c>. { whoami }</c>), a quoted <c>"{"</c>, <c>"}"</c> or <c>"import"</c> is an ordinary word, environment variables may have
/// a default (<c>{$NAME:default}</c>), and an import of a snippet may pass arguments (<c>{args.0}</c>, <c>{args[0]}</c>).</para>
/// <para>Nothing is thrown for bad input: the parser notes an error and reads on, so that one run shows all of them.</para>
/// </remarks>
public static class CorefileParser
{
    /// <summary>How deep blocks of a directive may be nested.</summary>
    public const int MaxNesting = 64;

    /// <summary>Reads a Corefile.</summary>
    /// <param name="path">The file's name, for messages and for imports relative to it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="diagnostics">Takes every error.</param>
    /// <param name="environment">Gives an environment variable's value, null when it is not set; the process's own
    /// environment when left out.</param>
    public static CorefileDocument Parse(string path, string text, ConfigDiagnostics diagnostics, Func<string, string?>? environment = null)
    {
        CorefileImporter importer = new(diagnostics);
        CorefileWordStream words = new(importer.First(path, text), environment ?? Environment.GetEnvironmentVariable, diagnostics);
        List<ServerBlockNode> blocks = new CorefileReader(words, importer, diagnostics).ReadBlocks();
        return new CorefileDocument(path, blocks, importer.Files, importer.Texts);
    }
}
