using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Primaries;

/// <summary>Keeps zones in a directory: a zone file each, whose modification time says when a primary last confirmed the data.</summary>
/// <remarks>A file is written under another name, forced to disk and renamed: at any moment there is one whole version.</remarks>
/// <typeparam name="T">A version of a zone.</typeparam>
/// <param name="directory">The directory.</param>
/// <param name="format">How versions are written and read.</param>
internal sealed class ZoneStore<T>(string directory, ITransferFormat<T> format)
    where T : class
{
    private const string Suffix = ".zone";
    private const int MaxFileName = 200;

    private static int s_count;

    /// <summary>Makes the directory if it is not there.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Prepare() => Directory.CreateDirectory(directory);

    /// <summary>The file of a zone.</summary>
    public string PathOf(DnsName origin) => Path.Combine(directory, FileNameOf(origin));

    /// <summary>Reads a zone.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="confirmedAt">When a primary last confirmed it.</param>
    /// <param name="failure">Why there is none, unless it was never kept.</param>
    public bool TryLoad(DnsName origin, out T? zone, out DateTimeOffset confirmedAt, out string? failure)
    {
        zone = null;
        failure = null;
        confirmedAt = default;
        string path = PathOf(origin);
        try
        {
            if (!File.Exists(path))
            {
                return false;
            }

            // The time first: if the file is replaced in between, its data is taken for older than it is.
            confirmedAt = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
            zone = format.Read(File.ReadAllBytes(path), path, origin, out failure);
            failure = zone is null ? failure ?? "it cannot be read" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = e.Message;
        }

        return zone is not null;
    }

    /// <summary>Keeps a version.</summary>
    /// <param name="origin">The zone's name.</param>
    /// <param name="zone">The version.</param>
    /// <param name="confirmedAt">When a primary last confirmed it.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(DnsName origin, T zone, DateTimeOffset confirmedAt)
    {
        string path = PathOf(origin);
        string temporary = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}.new");
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                Write(origin, zone, file);
                file.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(temporary, confirmedAt.UtcDateTime);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Notes that the version that is kept was confirmed.</summary>
    /// <returns>False when its file is gone.</returns>
    /// <exception cref="IOException">It cannot be noted.</exception>
    public bool TryConfirm(DnsName origin, DateTimeOffset confirmedAt)
    {
        try
        {
            File.SetLastWriteTimeUtc(PathOf(origin), confirmedAt.UtcDateTime);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Forgets a zone.</summary>
    /// <exception cref="IOException">Its file cannot be removed.</exception>
    public void Delete(DnsName origin) => File.Delete(PathOf(origin));

    /// <summary>A file name that no other zone has, whatever octets are in the name.</summary>
    internal static string FileNameOf(DnsName origin)
    {
        if (origin.IsRoot)
        {
            return "@" + Suffix;
        }

        var text = new StringBuilder();
        ReadOnlySpan<byte> wire = origin.ToLower().Wire;
        for (int at = 0; wire[at] != 0; at += wire[at] + 1)
        {
            if (at > 0)
            {
                text.Append('.');
            }

            foreach (byte octet in wire.Slice(at + 1, wire[at]))
            {
                if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_')
                {
                    text.Append((char)octet);
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
                }
            }
        }

        // File systems take 255 octets, and a temporary name is longer.
        return (text.Length <= MaxFileName ? text.ToString() : "@" + Convert.ToHexString(SHA256.HashData(wire))) + Suffix;
    }

    private void Write(DnsName origin, T zone, FileStream file)
    {
        file.Write(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"; zone {origin}, serial {format.SerialOf(zone)}: a copy from its primary. The time of this file is when a primary last confirmed it.\n")));
        format.Write(zone, file);
    }
}
