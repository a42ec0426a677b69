using System.Globalization;
using MiniDns.IntegrationTests.Support;

namespace MiniDns.IntegrationTests.SignedZones;

/// <summary>Makes keys with BIND's <c>dnssec-keygen</c>.</summary>
internal sealed class KeyMaker(TestDirectory directory, int algorithm)
{
    /// <summary>Makes a key in the directory.</summary>
    /// <param name="origin">The zone's name, without the last dot.</param>
    /// <param name="isEntryPoint">True for a key that is to sign the keys.</param>
    /// <returns>The name of its files without what they end with, and the data of its DS record.</returns>
    public async Task<(string File, string Ds)> MakeAsync(string origin, bool isEntryPoint = false)
    {
        IReadOnlyList<string> size = algorithm is 8 or 10 ? ["-b", "2048"] : [];
        IReadOnlyList<string> kind = isEntryPoint ? ["-f", "KSK"] : [];
        ToolResult made = await Tool.RunInAsync(
            directory.Path, "dnssec-keygen", ["-q", "-a", algorithm.ToString(CultureInfo.InvariantCulture), .. size, .. kind, origin]);
        string file = Assert.Single(made.Succeeded().Lines).Trim();

        // "signed.example. IN DS 23681 8 2 6367161F…"
        ToolResult ds = (await Tool.RunInAsync(directory.Path, "dnssec-dsfromkey", ["-2", file + ".key"])).Succeeded();
        return (file, string.Join(' ', Assert.Single(ds.Lines).Split(' ')[3..]));
    }
}
