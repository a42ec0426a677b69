using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Autopath;

/// <summary>Reads the search path out of a file in the form of resolv.conf(5).</summary>
internal static class ResolvConf
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="domains">The search path in lower case: the last line <c>search</c> or <c>domain</c> counts.</param>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public static string? TryRead(string path, out IReadOnlyList<DnsName> domains)
    {
        domains = [];
        string[] lines;
        try
        {
            lines = File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"the file '{path}' cannot be read: {failure.Message}";
        }

        foreach (string line in lines)
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is not ["search" or "domain", ..])
            {
                continue;
            }

            List<DnsName> found = [];
            foreach (string word in words[0] == "domain" ? words[1..].Take(1) : words[1..])
            {
                if (!DnsName.TryParse(word, DnsName.Root, out DnsName? domain, out string? error))
                {
                    return $"the file '{path}' has the line '{line.Trim()}', in which '{word}' is no name: {error}";
                }

                // systemd-resolved writes "search ." for none
                if (!domain.IsRoot && !found.Contains(domain.ToLower()))
                {
                    found.Add(domain.ToLower());
                }
            }

            domains = found;
        }

        return domains.Count > AutopathOptions.MaxDomains ? $"the file '{path}' has more than {AutopathOptions.MaxDomains} search domains" : null;
    }
}
