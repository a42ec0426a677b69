using System.Globalization;
using System.Net;
using MiniDns.Configuration;
using MiniDns.Protocol.Names;
using MiniDns.Queries;

namespace MiniDns.Plugins.Loadbalance;

/// <summary>Reads a file of weights: a name on a line of its own, then its addresses, each with a weight.</summary>
internal static class WeightText
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\v', '\f'];

    /// <summary>Reads the text.</summary>
    /// <param name="text">The file's content.</param>
    /// <param name="problems">Takes what is wrong, with the number of its line.</param>
    /// <returns>The table, which counts only when nothing is wrong.</returns>
    public static WeightTable Parse(string text, List<(int Line, string Message)> problems)
    {
        Dictionary<DnsName, List<HostWeight>> hosts = [];
        List<HostWeight>? current = null;
        int number = 0;
        foreach (string line in text.Split('\n'))
        {
            number++;
            string[] words = line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || words[0].StartsWith('#'))
            {
                continue;
            }

            bool startsWithAddress = AddressText.TryParseAddress(words[0], out IPAddress? address);
            string? problem = null;
            switch (words.Length)
            {
                case 1 when startsWithAddress:
                    problem = $"a weight is missing after the address '{words[0]}'; write '{words[0]} 10'";
                    break;
                case 1 when !DnsName.TryParse(words[0], null, out DnsName? name, out string? error):
                    problem = $"'{words[0]}' is not a domain name: {error}";
                    current = [];       // what follows belongs to it and is not wrong as well
                    break;
                case 1:
                    DnsName host = DnsName.Parse(words[0]);
                    if (!hosts.TryGetValue(host, out current))
                    {
                        hosts.Add(host, current = []);
                    }

                    break;
                case 2:
                    problem = !startsWithAddress ? $"'{words[0]}' is not an IP address"
                        : !byte.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out byte weight) || weight == 0
                            ? $"'{words[1]}' is not a weight; weights are 1 to 255"
                        : current is null ? "an address stands before the first domain name"
                        : Add(current, address!, weight);
                    break;
                default:
                    problem = $"'{line.Trim()}' is neither a domain name nor an address with a weight";
                    break;
            }

            if (problem is not null)
            {
                problems.Add((number, problem));
            }
        }

        return new WeightTable(new DnsNameTable<HostWeight[]>([.. hosts.Select(h => new KeyValuePair<DnsName, HostWeight[]>(h.Key, [.. h.Value]))]));
    }

    private static string? Add(List<HostWeight> weights, IPAddress address, byte weight)
    {
        weights.Add(new HostWeight(ClientAddress.From(new IPEndPoint(address, 0)), weight));
        return null;
    }
}
