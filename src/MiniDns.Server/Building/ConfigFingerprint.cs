using System.Security.Cryptography;
using System.Text;
using MiniDns.Configuration;

namespace MiniDns.Server.Building;

/// <summary>A digest of everything that a configuration is made from. It is computed only when somebody asks for it: the first one costs
/// some megabytes for the system's cryptography.</summary>
internal static class ConfigFingerprint
{
    /// <summary>The digest of a Corefile and of the files that plugins named, as they are now.</summary>
    /// <param name="corefile">The Corefile.</param>
    /// <param name="files">The other files; one that cannot be read counts as empty.</param>
    public static Lazy<string> Of(CorefileDocument corefile, IReadOnlyList<string> files)
    {
        IReadOnlyList<(string, string)> texts = corefile.Texts;
        (string, byte[])[] contents = [.. files.Select(f => (f, Content(f)))];
        return new Lazy<string>(() => Digest(texts, contents));
    }

    private static string Digest(IReadOnlyList<(string Name, string Text)> texts, (string Name, byte[] Content)[] contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        foreach ((string name, string text) in texts)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + '\0' + text + '\0'));
        }

        foreach ((string name, byte[] content) in contents)
        {
            hash.AppendData(Encoding.UTF8.GetBytes('\0' + name + '\0'));
            hash.AppendData(content);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static byte[] Content(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
