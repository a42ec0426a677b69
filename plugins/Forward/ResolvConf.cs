using System.Net;

namespace MiniDns.Plugins.Forward;

/// <summary>What a file in the form of resolv.conf(5) says about name servers.</summary>
/// <param name="Servers">The servers, in the order of the file.</param>
/// <param name="Instead">The file that was read instead, because the one asked for names only the stub of systemd-resolved; null when none was.</param>
/// <param name="Error">Why it cannot be used; null when it can.</param>
internal sealed record ResolvConf(IReadOnlyList<ForwardTarget> Servers, string? Instead, string? Error)
{
    /// <summary>Where systemd-resolved writes down the servers that it asks itself (systemd-resolved.service(8)).</summary>
    public const string FileOfResolved = "/run/systemd/resolve/resolv.conf";

    private const int DnsPort = 53;
    private const int LongestFile = 64 * 1024;

    // systemd-resolved listens on these only to pass queries on: its caches and its rules for names would come before ours.
    private static readonly IPAddress[] Stubs = [IPAddress.Parse("127.0.0.53"), IPAddress.Parse("127.0.0.54")];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fileOfResolved">The file to read when it names only the stub of systemd-resolved.</param>
    public static ResolvConf Read(string path, string fileOfResolved = FileOfResolved)
    {
        ResolvConf file = ReadOne(path);
        if (file.Servers.Count == 0 || !file.Servers.All(s => Stubs.Contains(s.Address)) || path == fileOfResolved)
        {
            return file;
        }

        ResolvConf real = ReadOne(fileOfResolved);
        return real.Servers.Count > 0 ? real with { Instead = fileOfResolved } : file;
    }

    private static ResolvConf ReadOne(string path)
    {
        string[] lines;
        try
        {
            if (new FileInfo(path).Length > LongestFile)
            {
                return new ResolvConf([], null, $"the file '{path}' is longer than {LongestFile} octets");
            }

            lines = File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new ResolvConf([], null, $"the file '{path}' cannot be read: {failure.Message}");
        }

        List<ForwardTarget> servers = [];
        foreach (string line in lines)
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not ["nameserver", string server, ..])
            {
                continue;
            }

            if (!ForwardTargets.TryReadAddress(server, DnsPort, out ForwardTarget? target, out _))
            {
                return new ResolvConf([], null, $"the file '{path}' has the line '{line.Trim()}', which does not name an IP address");
            }

            servers.Add(target!);
        }

        return new ResolvConf(servers, null, null);
    }
}
