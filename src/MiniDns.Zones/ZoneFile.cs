using Microsoft.Win32.SafeHandles;
using MiniDns.Protocol.Names;

namespace MiniDns.Zones;

/// <summary>A zone and the file its data comes from.</summary>
/// <remarks>Looks do not overlap; a zone that was served stays until a better one is read.</remarks>
/// <param name="path">The file.</param>
/// <param name="origin">The zone's name.</param>
public sealed class ZoneFile(string path, DnsName origin)
{
    private readonly Lock _reading = new();
    private Stamp? _seen;
    private bool _hasIncludes;

    /// <summary>The file; another one is read at the next look.</summary>
    public string Path { get; set; } = path;

    /// <summary>The zone.</summary>
    public ServedZone Served { get; } = new(origin);

    /// <summary>Reads the file if it has to be.</summary>
    /// <param name="ignoreSerial">False to keep the zone while its serial number is the same.</param>
    /// <param name="problems">Takes what is wrong in the file.</param>
    public ZoneFileOutcome Refresh(bool ignoreSerial, ZoneProblems problems)
    {
        lock (_reading)
        {
            try
            {
                Stamp now = Stamp.Of(Path);

                // A file that includes others may be the same while they are not; then only the serial number tells.
                if (_seen == now && (ignoreSerial || !_hasIncludes))
                {
                    return ZoneFileOutcome.Unchanged;
                }

                bool isNew = _seen != now;
                uint? serial = ignoreSerial ? null : Served.Current?.Serial;
                ZoneFileOutcome outcome = ZoneLoader.Load(Path, Served.Origin, serial, problems, out Zone? zone, out _hasIncludes);
                _seen = now;
                if (zone is not null)
                {
                    Served.Publish(zone);
                }

                return outcome == ZoneFileOutcome.SameSerial && !isNew ? ZoneFileOutcome.Unchanged : outcome;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                problems.Error(new ZonePlace(Path), $"cannot be read: {e.Message}");
                return ZoneFileOutcome.Unreadable;
            }
        }
    }

    private readonly record struct Stamp(string Path, DateTime Time, long Length)
    {
        public static Stamp Of(string path)
        {
            var info = new FileInfo(path);
            if (!info.Exists)
            {
                throw new FileNotFoundException($"there is no file {path}");
            }

            if (!info.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                return new Stamp(path, info.LastWriteTimeUtc, info.Length);
            }

            // Of a link, what counts is the file it leads to.
            using SafeFileHandle handle = File.OpenHandle(path);
            return new Stamp(path, File.GetLastWriteTimeUtc(handle), RandomAccess.GetLength(handle));
        }
    }
}
