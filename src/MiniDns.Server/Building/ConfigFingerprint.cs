using System.Security.Cryptography;
using System.Text;
using MiniDns.Configuration;

namespace MiniDns.Server.Building;

/// <summary>A digest of everything that a configuration is made from.</summary>
internal static class ConfigFingerprint
{
    /// <summary>The digest of a Corefile and of the files that plugins named.</summary>
    /// <param name="corefile">The Corefile.</param>
    /// <param name="files">The other files; one that cannot be read counts as empty.</param>
    public static string Of(CorefileDocument corefile, IReadOnlyList<string> files)
    {
        if (files.Count == 0)
        {
            return corefile.Fingerprint;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA512);
        hash.AppendData(Encoding.ASCII.GetBytes(corefile.Fingerprint));
        foreach (string file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes('\0' + file + '\0'));
            hash.AppendData(Content(file));
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
