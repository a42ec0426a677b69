using System.IO.Enumeration;
using System.Security;

namespace MiniDns.Configuration;

/// <summary>Finds the files a pattern names: <c>*</c> is any text and <c>?</c> one character, never a directory separator.</summary>
internal static class FilePattern
{
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    /// <summary>The existing files and directories that match, sorted by name; a directory that cannot be read matches nothing.</summary>
    public static List<string> Expand(string pattern)
    {
        string root = Path.GetPathRoot(pattern) ?? string.Empty;
        List<string> found = [root];
        foreach (string part in pattern[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            List<string> next = [];
            foreach (string directory in found)
            {
                if (part.AsSpan().ContainsAny('*', '?'))
                {
                    AddMatches(directory, part, next);
                }
                else if (Path.Combine(directory, part) is string path && Path.Exists(path))
                {
                    next.Add(path);
                }
            }

            found = next;
        }

        return found;
    }

    private static void AddMatches(string directory, string part, List<string> matches)
    {
        // a backslash would escape in the expression; here it is an ordinary character of a name
        string expression = part.Replace("\\", "\\\\", StringComparison.Ordinal);
        try
        {
            List<string> names = [];
            foreach (string path in Directory.EnumerateFileSystemEntries(directory.Length == 0 ? "." : directory, "*", Everything))
            {
                string name = Path.GetFileName(path);
                if (FileSystemName.MatchesSimpleExpression(expression, name, ignoreCase: false))
                {
                    names.Add(Path.Combine(directory, name));
                }
            }

            names.Sort(StringComparer.Ordinal);
            matches.AddRange(names);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
        {
            // as with an unreadable directory inside it: no match
        }
    }
}
