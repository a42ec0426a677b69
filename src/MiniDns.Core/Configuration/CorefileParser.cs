namespace MiniDns.Configuration;

/// <summary>Reads Corefile text into a <see cref="CorefileDocument"/>.</summary>
public static class CorefileParser
{
    /// <summary>Reads a Corefile.</summary>
    /// <param name="path">The file's name, for messages and for imports relative to it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="diagnostics">Takes every error.</param>
    public static CorefileDocument Parse(string path, string text, ConfigDiagnostics diagnostics) => throw new NotImplementedException();
}
