using System.Globalization;

namespace MiniDns.Logging;

/// <summary>Whether standard output goes to systemd's journal, which then takes a line's priority from its beginning (sd-daemon(3)):
/// <c>journalctl -p warning</c> shows what is amiss.</summary>
internal static class JournalStream
{
    /// <summary>True when <c>JOURNAL_STREAM</c> names what standard output is; a program that was started by a service may have inherited
    /// the variable only.</summary>
    public static bool IsStandardOutput()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable("JOURNAL_STREAM")?.Split(':') is not [_, var inode])
        {
            return false;
        }

        try
        {
            return File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.Name == string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
