using System.Buffers;
using System.Security;
using System.Text;

namespace MiniDns.Configuration;

/// <summary>Finds what an <c>import</c> names: a snippet defined before, a file, or the files a pattern matches.</summary>
internal sealed class CorefileImporter(ConfigDiagnostics diagnostics)
{
    /// <summary>How many snippets and files one configuration may import: each one counts every time.</summary>
    public const int MaxImports = 1_000_000;

    /// <summary>How many words all imports together may bring: small snippets that import each other can grow without end.</summary>
    public const int MaxImportedWords = 20_000_000;

    /// <summary>How deep imports may be nested.</summary>
    public const int MaxDepth = 1000;

    /// <summary>The largest file that is read, in octets.</summary>
    public const int MaxFileLength = 256 << 20;

    private readonly Dictionary<string, CorefileSource> _snippets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CorefileSource> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<CorefileWord[], HashSet<string>> _laterSnippets = [];
    private readonly List<string> _names = [];
    private readonly List<(string, string)> _texts = [];
    private int _imports;
    private long _words;

    /// <summary>Every file read, in order, the first one included.</summary>
    public IReadOnlyList<string> Files => _names;

    /// <summary>Every file read, names and texts.</summary>
    public IReadOnlyList<(string Name, string Text)> Texts => _texts;

    /// <summary>Makes the source of the configuration's first file, so that an import of it is seen as a cycle.</summary>
    public CorefileSource First(string path, string text)
    {
        CorefileSource source = FromText(path, text);
        if (TryFullPath(path, out string full))
        {
            _files[full] = source;
        }

        return source;
    }

    /// <summary>Keeps a snippet.</summary>
    public void Define(CorefileToken label, CorefileSource snippet)
    {
        string name = label.Text[1..^1];
        if (!_snippets.TryAdd(name, snippet))
        {
            diagnostics.Error(label.Span, $"the snippet '{name}' is defined already at {_snippets[name].Span}; give this one another name");
        }
    }

    /// <summary>Finds the sources an import names and notes an error when there are none.</summary>
    /// <param name="target">The import's first argument.</param>
    /// <param name="from">The source the import stands in: files are sought next to its file.</param>
    /// <param name="note">Ends messages: where the source itself was imported.</param>
    public IReadOnlyList<CorefileSource> Find(CorefileToken target, CorefileSource from, string note)
    {
        if (_snippets.TryGetValue(target.Text, out CorefileSource? snippet))
        {
            return [snippet];
        }

        string pattern = target.Text;
        if (pattern.Contains('\0', StringComparison.Ordinal))
        {
            diagnostics.Error(target.Span, "import: a file name must not hold a NUL character" + note);
            return [];
        }

        string path = Path.Combine(Path.GetDirectoryName(from.File) ?? string.Empty, pattern);
        if (path.Count('*') > 1 || path.Count('?') > 1 || (path.Contains('[', StringComparison.Ordinal) && path.Contains(']', StringComparison.Ordinal)))
        {
            diagnostics.Error(target.Span, $"import: a pattern may hold one '*' and one '?' and no '[...]', but this is '{path}'" + note);
            return [];
        }

        if (path.AsSpan().ContainsAny('*', '?'))
        {
            return FindPattern(path, target, note);
        }

        return Read(path, target, from, note) is CorefileSource file ? [file] : [];
    }

    /// <summary>Counts an import against the limits.</summary>
    /// <returns>False when there are too many; an error is noted once.</returns>
    public bool TryCount(CorefileSource source, SourceSpan site)
    {
        bool wasWithin = _imports <= MaxImports && _words <= MaxImportedWords;
        _imports++;
        _words += source.Words.Count;
        bool isWithin = _imports <= MaxImports && _words <= MaxImportedWords;
        if (wasWithin && !isWithin)
        {
            diagnostics.Error(site, $"import: more than {MaxImports} imports, or {MaxImportedWords} imported words; this and further imports are left out");
        }

        return isWithin;
    }

    private List<CorefileSource> FindPattern(string path, CorefileToken target, string note)
    {
        List<string> matches = FilePattern.Expand(path);
        if (matches.Count == 0)
        {
            diagnostics.Warning(target.Span, $"import: no file matches '{path}'" + note);
        }

        List<CorefileSource> sources = [];
        foreach (string match in matches)
        {
            if (Read(match, target, null, note) is CorefileSource source)
            {
                sources.Add(source);
            }
        }

        return sources;
    }

    /// <summary>Reads a file, once: a second import gets the same words.</summary>
    private CorefileSource? Read(string path, CorefileToken target, CorefileSource? from, string note)
    {
        string? error;
        if (!TryFullPath(path, out string full))
        {
            error = $"import: '{path}' is not a file name";
        }
        else if (_files.TryGetValue(full, out CorefileSource? known))
        {
            return known;
        }
        else if (Directory.Exists(full))
        {
            error = $"import: '{path}' is a directory; name a file, or the files in it with '{Path.Combine(target.Text, "*")}'";
        }
        else if (!File.Exists(full))
        {
            error = $"import: there is no snippet '{target.Text}' before this line and no file '{path}'{SnippetHint(target.Text, from)}";
        }
        else if (TryReadText(full, out string text, out error))
        {
            CorefileSource source = FromText(path, text);
            _files[full] = source;
            return source;
        }

        diagnostics.Error(target.Span, error + note);
        return null;
    }

    private CorefileSource FromText(string path, string text)
    {
        _names.Add(path);
        _texts.Add((path, text));
        return new CorefileSource($"file '{path}'", path, CorefileLexer.Read(path, text, diagnostics), new SourceSpan(path, 1, 1, 0), IsSnippet: false);
    }

    private string SnippetHint(string name, CorefileSource? from)
    {
        if (from?.Words.Array is CorefileWord[] words)
        {
            if (!_laterSnippets.TryGetValue(words, out HashSet<string>? labels))
            {
                labels = words.Where(w => w is { StartsLine: true, Text: ['(', .., ')'] }).Select(w => w.Text).ToHashSet(StringComparer.Ordinal);
                _laterSnippets.Add(words, labels);
            }

            if (labels.Contains($"({name})"))
            {
                return $"; the snippet ({name}) must stand before its first import";
            }
        }

        return NearNames.Hint(name, _snippets.Keys);
    }

    private static bool TryFullPath(string path, out string full)
    {
        try
        {
            full = Path.GetFullPath(path);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or IOException or NotSupportedException or SecurityException)
        {
            full = string.Empty;
            return false;
        }
    }

    private static bool TryReadText(string path, out string text, out string? error)
    {
        text = string.Empty;
        error = null;
        try
        {
            using FileStream file = File.OpenRead(path);
            ArrayBufferWriter<byte> octets = new(4096);
            while (file.Read(octets.GetSpan(4096)) is int read and > 0)
            {
                octets.Advance(read);
                if (octets.WrittenCount > MaxFileLength)
                {
                    error = $"import: '{path}' is larger than {MaxFileLength >> 20} MB";
                    return false;
                }
            }

            text = Encoding.UTF8.GetString(octets.WrittenSpan);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or SecurityException)
        {
            error = $"import: '{path}' cannot be read: {e.Message}";
            return false;
        }
    }
}
