using System.Text;
using Microsoft.Extensions.Logging;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Manifests;

/// <summary>One file of manifests and what was read from it last.</summary>
internal sealed class ManifestFile(string path, ILogger logger)
{
    /// <summary>The largest file that is read, in octets.</summary>
    internal const long MaxLength = 64 * 1024 * 1024;

    private const int MaxComplaints = 10;

    private (DateTime Time, long Length) _seen;
    private string? _lastProblem;

    /// <summary>The objects.</summary>
    public IReadOnlyList<ManifestObject> Objects { get; private set; } = [];

    /// <summary>Reads the file when it is another one than before.</summary>
    /// <param name="isChanged">True when it is known to have changed, whatever its time and length say.</param>
    /// <param name="builder">Makes the objects.</param>
    public void Refresh(bool isChanged, ClusterObjectBuilder builder)
    {
        try
        {
            using FileStream content = File.OpenRead(path);
            (DateTime, long) now = (File.GetLastWriteTimeUtc(content.SafeFileHandle), content.Length);
            if (!isChanged && now == _seen)
            {
                return;
            }

            _seen = now;
            if (content.Length > MaxLength)
            {
                ManifestLog.TooLarge(logger, path, MaxLength);
                return;
            }

            using var reader = new StreamReader(content, Encoding.UTF8);
            Take(reader.ReadToEnd(), builder);
            _lastProblem = null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (_lastProblem != exception.Message)
            {
                _lastProblem = exception.Message;
                ManifestLog.Unreadable(logger, path, exception.Message);
            }
        }
    }

    private void Take(string text, ClusterObjectBuilder builder)
    {
        List<ManifestObject> objects = [];
        List<ManifestProblem> problems = [];
        ManifestText.Read(text, builder, objects, problems);
        if (problems.Count > 0)
        {
            // Nobody knows what the malformed documents were to say: what the file no longer says may be what they do not
            // manage to say, and is kept until the file is whole again.
            HashSet<(ClusterResource, string)> named = [.. objects.Select(NameOf)];
            objects.AddRange(Objects.Where(o => !named.Contains(NameOf(o))));
        }

        Objects = objects;
        foreach (ManifestProblem problem in problems.Take(MaxComplaints))
        {
            ManifestLog.BadDocument(logger, path, problem.Line, problem.Column, problem.Message);
        }

        if (problems.Count > MaxComplaints)
        {
            ManifestLog.MoreBadDocuments(logger, path, problems.Count - MaxComplaints);
        }
    }

    private static (ClusterResource Resource, string Name) NameOf(ManifestObject read) => (read.Item.Resource, read.Item.ToString());
}
