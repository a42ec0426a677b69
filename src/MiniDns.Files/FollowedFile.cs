using Microsoft.Win32.SafeHandles;

namespace MiniDns.Files;

/// <summary>A file that is read anew whenever it is another one than before. Not for parallel use.</summary>
/// <param name="path">The file.</param>
public sealed class FollowedFile(string path)
{
    private (DateTime Time, long Length)? _seen;
    private string? _lastProblem;

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>The modification time of what was read last; null when nothing was.</summary>
    public DateTime? SeenAt => _seen?.Time;

    /// <summary>Goes on where another one is.</summary>
    public void TakeOver(FollowedFile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _seen = other._seen;
        _lastProblem = other._lastProblem;
    }

    /// <summary>Reads the file when its time or length is another than at the last reading.</summary>
    /// <param name="certain">True to read it in any case.</param>
    /// <param name="read">Reads it, from the start; an <see cref="IOException"/> is a file that cannot be read.</param>
    /// <param name="failure">Why it cannot be read; null when that was said already.</param>
    public FollowedFileOutcome Look(bool certain, Action<FileStream> read, out Exception? failure)
    {
        ArgumentNullException.ThrowIfNull(read);
        failure = null;
        try
        {
            using SafeFileHandle handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            (DateTime, long) now = (File.GetLastWriteTimeUtc(handle), RandomAccess.GetLength(handle));
            if (!certain && _seen == now)
            {
                _lastProblem = null;
                return FollowedFileOutcome.Unchanged;
            }

            using (var content = new FileStream(handle, FileAccess.Read, bufferSize: 0))
            {
                read(content);
            }

            _seen = now;
            _lastProblem = null;
            return FollowedFileOutcome.Read;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Said once, not at every look.
            if (_lastProblem != exception.Message)
            {
                _lastProblem = exception.Message;
                failure = exception;
            }

            return FollowedFileOutcome.Unreadable;
        }
    }

    /// <summary>Reads the rest of a file into memory.</summary>
    /// <exception cref="IOException">It cannot be read, or is too large.</exception>
    public static byte[] ReadAll(FileStream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Length > Array.MaxLength)
        {
            throw new IOException($"it has {content.Length} octets; {Array.MaxLength} are the most");
        }

        byte[] octets = GC.AllocateUninitializedArray<byte>((int)content.Length);
        int length = content.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false);

        // Somebody may have cut it meanwhile.
        return length == octets.Length ? octets : octets[..length];
    }
}
