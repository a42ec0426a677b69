namespace MiniDns.Configuration;

/// <summary>Builds the tree of server blocks and directives from the stream of words, by recursive descent.</summary>
internal sealed class CorefileReader(CorefileWordStream words, CorefileImporter importer, ConfigDiagnostics diagnostics)
{
    /// <summary>A closing brace of the block being read that is not indented like the line it closes: the likely place of a
    /// missing brace.</summary>
    private (SourceSpan Opening, SourceSpan Closing)? _misplaced;

    /// <summary>The end of a message about something in an imported source.</summary>
    private string Note => words.ImportSite is SourceSpan site ? $" (imported at {site})" : string.Empty;

    /// <summary>Reads everything to the end.</summary>
    public List<ServerBlockNode> ReadBlocks()
    {
        List<ServerBlockNode> blocks = [];
        while (words.TryPeek(out CorefileWord word, out _))
        {
            if (word.IsClosingBrace)
            {
                Error(words.Take(), "unexpected '}': every block before it is closed already");
            }
            else if (ReadBlock() is ServerBlockNode block)
            {
                blocks.Add(block);
            }
        }

        return blocks;
    }

    private ServerBlockNode? ReadBlock()
    {
        _misplaced = null;
        List<CorefileToken> keys = ReadKeys();
        if (keys is [{ IsQuoted: false, Text: ['(', .., ')'] } label])
        {
            ReadSnippet(label);
            return null;
        }

        List<Directive> directives = [];
        if (!words.TryPeek(out CorefileWord next, out _))
        {
            // keys and nothing else: a server with no directives, as in CoreDNS
        }
        else if (next.IsOpeningBrace)
        {
            CorefileToken brace = words.Take();
            if (keys.Count == 0)
            {
                Warning(brace, "this block has no key and is left out; write a zone before '{', '.' for all names");
            }

            ReadLines(new Opening(brace, keys is [CorefileToken first, ..] ? first : brace, Note), directives, 0);
        }
        else if (keys.Count > 0)
        {
            ReadLines(null, directives, 0);
        }

        return keys.Count == 0 ? null : new ServerBlockNode(keys, directives);
    }

    private List<CorefileToken> ReadKeys()
    {
        List<CorefileToken> keys = [];
        CorefileToken? comma = null;
        bool isFirst = true;
        while (words.TryPeek(out CorefileWord word, out bool startsLine))
        {
            if (!isFirst && comma is null && startsLine)
            {
                return keys;
            }

            if (word.IsImport && startsLine)
            {
                ReadImport();
                continue;
            }

            if (word.IsOpeningBrace)
            {
                break;
            }

            isFirst = false;
            CorefileToken key = words.Take();
            if (word.IsClosingBrace)
            {
                Error(key, "unexpected '}': no block is open here; '{' was expected");
            }
            else if (key.Text.Length == 0)
            {
                Warning(key, "an empty key is left out; write '.' for the root zone");
            }
            else
            {
                comma = AddKey(key, keys) ? key : null;
            }
        }

        if (comma is not null)
        {
            Error(comma, "another key is expected after the comma; take the comma away if this is the last");
        }

        return keys;
    }

    /// <returns>True when the key ends with a comma: another one follows, be it on the next line.</returns>
    private bool AddKey(CorefileToken key, List<CorefileToken> keys)
    {
        bool hasComma = !key.IsQuoted && key.Text.EndsWith(',');
        if (hasComma)
        {
            key = key with { Text = key.Text[..^1], Span = key.Span with { Length = key.Span.Length - 1 } };
        }

        if (key.Text.Length == 0)
        {
            Error(key, "a key is missing before the comma; put the comma right after the key it follows");
            return hasComma;
        }

        if (!key.IsQuoted && key.Text.Contains(',', StringComparison.Ordinal))
        {
            Warning(key, $"'{key.Text}' is one key; put a space after the comma if several are meant");
        }
        else if (!key.IsQuoted && (key.Text.EndsWith('{') || key.Text is "{}"))
        {
            Warning(key, $"'{key.Text}' is read as a key; put a space before '{{' if it is to open a block");
        }

        keys.Add(key);
        return hasComma;
    }

    private void ReadSnippet(CorefileToken label)
    {
        if (!words.TryPeek(out CorefileWord next, out _) || !next.IsOpeningBrace)
        {
            Error(label, $"the snippet {label.Text} needs its lines in braces: '{label.Text} {{'");
            if (words.TryPeek(out _, out _))
            {
                ReadLines(null, [], 0);
            }

            return;
        }

        CorefileToken brace = words.Take();
        string note = Note;
        CorefileSource source = words.Source;
        if (!words.TryTakeBlock(out ArraySegment<CorefileWord> inside))
        {
            diagnostics.Error(brace.Span, $"the block of the snippet {label.Text} is never closed: '}}' is expected before the end of the {source.Label}{note}");
        }

        importer.Define(label, new CorefileSource($"snippet '{label.Text[1..^1]}'", source.File, inside, label.Span, IsSnippet: true));
    }

    /// <summary>Reads lines up to the closing brace, which is taken, or to the end.</summary>
    /// <param name="opening">Where the block opens; null for a server block without braces.</param>
    /// <param name="lines">Takes the lines.</param>
    /// <param name="depth">How many directives' blocks are open.</param>
    private void ReadLines(Opening? opening, List<Directive> lines, int depth)
    {
        while (words.TryPeek(out CorefileWord word, out bool startsLine))
        {
            if (word.IsClosingBrace && (opening is not null || startsLine))
            {
                CorefileToken brace = words.Take();
                if (opening is null)
                {
                    Warning(brace, "'}' ends the server block above, which has no '{'; put '{' after its keys");
                }
                else if (startsLine)
                {
                    NoteIndent(opening, brace);
                }

                return;
            }

            if (word.IsClosingBrace)
            {
                Error(words.Take(), "unexpected '}': there is no '{' it could close");
            }
            else if (word.IsOpeningBrace)
            {
                CorefileToken brace = words.Take();
                Error(brace, "unexpected '{': the name of a directive is expected before it, on the same line");
                SkipBlock(brace);
            }
            else if (word.IsImport)
            {
                ReadImport();
            }
            else
            {
                lines.Add(ReadDirective(depth));
            }
        }

        if (opening is not null)
        {
            diagnostics.Error(opening.Brace.Span, "this '{' is never closed: '}' is expected before the end of the file" + opening.Note + MisplacedHint(opening));
        }
    }

    private Directive ReadDirective(int depth)
    {
        CorefileToken name = words.Take();
        List<CorefileToken> arguments = [];
        while (words.TryPeek(out CorefileWord word, out bool startsLine) && !startsLine && !word.IsOpeningBrace && !word.IsClosingBrace)
        {
            arguments.Add(words.Take());
        }

        if (!words.TryPeek(out CorefileWord next, out bool isOwnLine) || !next.IsOpeningBrace)
        {
            return new Directive(name, arguments, [], HasBody: false);
        }

        List<Directive> body = [];
        CorefileToken brace = words.Take();
        if (isOwnLine)
        {
            Warning(brace, $"'{{' is taken as the block of '{name.Text}'; put it on that line, CoreDNS does not read it here");
        }

        if (depth == CorefileParser.MaxNesting)
        {
            Error(brace, $"blocks are nested more than {CorefileParser.MaxNesting} deep; this one is left out");
            SkipBlock(brace);
        }
        else
        {
            ReadLines(new Opening(brace, name, Note), body, depth + 1);
        }

        if (words.TryPeek(out CorefileWord after, out bool isNewLine) && !isNewLine && !after.IsOpeningBrace && !after.IsClosingBrace)
        {
            diagnostics.Error(words.NextSpan, $"a new line is expected after '}}', not '{after.Text}'{Note}");
        }

        return new Directive(name, arguments, body, HasBody: true);
    }

    private void ReadImport()
    {
        CorefileToken import = words.Take();
        CorefileSource from = words.Source;
        string note = Note;
        List<CorefileToken> arguments = [];
        CorefileWord word;
        while (words.HasMoreOnLine(out word) && !word.IsOpeningBrace && !word.IsClosingBrace)
        {
            arguments.Add(words.Take());
        }

        if (words.HasMoreOnLine(out word) && word.IsOpeningBrace)
        {
            CorefileToken brace = words.Take();
            Error(brace, "import takes no block; put what it imports on lines of its own");
            SkipBlock(brace);
        }

        if (arguments is not [CorefileToken target, ..])
        {
            Error(import, "import needs the name of a snippet, a file, or a pattern such as 'conf.d/*.conf'");
        }
        else if (target.Text.Length == 0)
        {
            Error(target, "import: the name is empty; is the environment variable set?");
        }
        else
        {
            Import(import, arguments, from, note);
        }
    }

    private void Import(CorefileToken import, List<CorefileToken> arguments, CorefileSource from, string note)
    {
        List<CorefileSource> sources = [];
        foreach (CorefileSource source in importer.Find(arguments[0], from, note))
        {
            if (words.IsCycle(source, out string chain))
            {
                Error(arguments[0], $"import cycle: {chain}");
            }
            else if (words.Depth >= CorefileImporter.MaxDepth)
            {
                Error(arguments[0], $"imports are nested more than {CorefileImporter.MaxDepth} deep");
            }
            else if (importer.TryCount(source, import.Span))
            {
                sources.Add(source);
                CheckArguments(source, arguments);
            }
        }

        if (sources.Count > 0)
        {
            words.Push(sources, import.Span, arguments[1..].ConvertAll(a => a.Text));
        }
    }

    private void CheckArguments(CorefileSource source, List<CorefileToken> arguments)
    {
        int given = arguments.Count - 1;
        if (!source.IsSnippet)
        {
            if (given > 0)
            {
                Error(arguments[1], "import takes one file or pattern; only snippets take arguments");
            }
        }
        else if (given == 0 && source.ArgumentCount > 0)
        {
            Warning(arguments[0], $"the {source.Label} uses {{args.{source.ArgumentCount - 1}}}, but no arguments are given: it stays as it is written");
        }
        else if (given != source.ArgumentCount)
        {
            Error(arguments[^1], $"the {source.Label} at {source.Span} uses {source.ArgumentCount} argument(s), but {given} are given");
        }
    }

    private void SkipBlock(CorefileToken brace)
    {
        for (int depth = 1; depth > 0; words.Take())
        {
            if (!words.TryPeek(out CorefileWord word, out _))
            {
                diagnostics.Error(brace.Span, "this '{' is never closed: '}' is expected before the end of the file");
                return;
            }

            depth += word.IsOpeningBrace ? 1 : word.IsClosingBrace ? -1 : 0;
        }
    }

    private void NoteIndent(Opening opening, CorefileToken closing)
    {
        SourceSpan start = opening.LineStart.Span;
        if (_misplaced is null && string.Equals(start.File, closing.Span.File, StringComparison.Ordinal) && start.Line < closing.Span.Line && start.Column != closing.Span.Column)
        {
            _misplaced = (start, closing.Span);
        }
    }

    private string MisplacedHint(Opening opening) =>
        _misplaced is var (start, closing) && string.Equals(start.File, opening.Brace.Span.File, StringComparison.Ordinal) && start.Line >= opening.Brace.Span.Line
            ? $"; the '}}' at line {closing.Line} closes line {start.Line} but is not indented like it: one may be missing before it"
            : string.Empty;

    private void Error(CorefileToken token, string message) => diagnostics.Error(token.Span, message + Note);

    private void Warning(CorefileToken token, string message) => diagnostics.Warning(token.Span, message + Note);

    private sealed record Opening(CorefileToken Brace, CorefileToken LineStart, string Note);
}
