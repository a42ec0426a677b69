using System.Text.RegularExpressions;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Makes signatures wrong.</summary>
internal static class Spoiler
{
    /// <summary>Changes one octet of the signature of an RRset in a signed zone file.</summary>
    /// <param name="file">The file's text, as any of the signers writes it.</param>
    /// <param name="owner">The owner of the RRset, with the last dot.</param>
    /// <param name="type">The type of the RRset.</param>
    public static string Spoil(string file, string owner, string type)
    {
        // The owner may stand on its own line or on one before, of the same owner; the signature's base64 comes after the signer's name.
        var signature = new Regex(
            $@"^{Regex.Escape(owner)}(?:(?!\n\S).)*?\bRRSIG\s+{type}\s+\d+\s+\d+\s+\d+\s+\(?\s*\d+\s+\d+\s+\d+\s+\S+\.\s+\S{{4}}(?<group>[A-Za-z0-9+/]{{4}})",
            RegexOptions.Multiline | RegexOptions.Singleline);
        Group group = Assert.Single(signature.Matches(file)).Groups["group"];
        byte[] octets = Convert.FromBase64String(group.Value);
        octets[1] ^= 1;
        return string.Concat(file.AsSpan(0, group.Index), Convert.ToBase64String(octets), file.AsSpan(group.Index + group.Length));
    }
}
