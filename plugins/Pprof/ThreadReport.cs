using System.Globalization;

namespace MiniDns.Plugins.Pprof;

/// <summary>The threads of the process, by how much of a processor they have taken, as the kernel tells. There is no list of waiting tasks in
/// .NET, as there is one of goroutines in Go.</summary>
internal static class ThreadReport
{
    private const string Tasks = "/proc/self/task";

    /// <summary>The most threads that are listed.</summary>
    private const int MaxThreads = 500;

    /// <summary>The clock of <c>/proc</c>: a hundred ticks a second, whatever the kernel's own is.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>The section.</summary>
    public static DiagSection Read()
    {
        List<DiagRow> rows = [];
        foreach (string directory in Directory.Exists(Tasks) ? Directory.EnumerateDirectories(Tasks).Take(MaxThreads) : [])
        {
            if (TryRead(directory) is { } row)
            {
                rows.Add(row);
            }
        }

        return new DiagSection("threads, by processor time", [.. rows.OrderByDescending(r => r.Value)]);
    }

    private static DiagRow? TryRead(string directory)
    {
        try
        {
            // 4711 (udp 0.0.0.0:53) S …: the name may hold anything, a bracket too.
            string text = File.ReadAllText(Path.Combine(directory, "stat"));
            int open = text.IndexOf('(', StringComparison.Ordinal);
            int close = text.LastIndexOf(')');
            string[] words = text[(close + 2)..].Split(' ');
            double seconds = (Parse(words[11]) + Parse(words[12])) / TicksPerSecond;
            string state = words[0] switch { "R" => "runs", "S" => "waits", "D" => "waits for a disk", "Z" => "has ended", _ => words[0] };
            return new DiagRow(text[(open + 1)..close], seconds, "s", $"{state}, id {text[..open].Trim()}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or ArgumentException)
        {
            return null;        // it has ended meanwhile
        }
    }

    private static double Parse(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
