using System.Globalization;

namespace MiniDns.IntegrationTests.Kubernetes;

/// <summary>What Linux tells of a process.</summary>
internal static class ProcessFigures
{
    private const double TicksPerSecond = 100;

    /// <summary>Resident memory, in octets.</summary>
    public static long Resident(int id) => Status(id, "VmRSS:");

    /// <summary>The most resident memory since the start or <see cref="ForgetPeak"/>, in octets.</summary>
    public static long PeakResident(int id) => Status(id, "VmHWM:");

    /// <summary>Starts to look for the peak anew.</summary>
    public static void ForgetPeak(int id) => File.WriteAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/clear_refs", "5");

    /// <summary>Processor time used, of all threads.</summary>
    public static TimeSpan Processor(int id)
    {
        string stat = File.ReadAllText($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond);
    }

    private static long Status(int id, string field)
    {
        string line = File.ReadLines($"/proc/{id.ToString(CultureInfo.InvariantCulture)}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) * 1024;
    }
}
