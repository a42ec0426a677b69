namespace MiniDns.Configuration;

/// <summary>The words of a Corefile one after the other, imports put in place: what the parser reads.</summary>
/// <remarks>An imported source's words come at once after the import; a brace may be opened in one file and closed in
/// another, as in CoreDNS. The sources being read form a stack, so a cycle is seen when it closes.</remarks>
internal sealed class CorefileWordStream(CorefileSource root, Func<string, string?> environment, ConfigDiagnostics diagnostics)
{
    private readonly Stack<Frame> _frames = new([new Frame([root], null, [])]);

    /// <summary>Where the source being read was imported, null in the first file.</summary>
    public SourceSpan? ImportSite => _frames.Peek().ImportSite;

    /// <summary>The source the last word was taken from, when no peek came after.</summary>
    public CorefileSource Source => _frames.Peek().Source;

    /// <summary>How many imports are being read inside each other.</summary>
    public int Depth => _frames.Count - 1;

    /// <summary>The place of the next word; only after a successful peek.</summary>
    public SourceSpan NextSpan => _frames.Peek() is Frame frame ? SpanOf(frame.Source, frame.Source.Words[frame.Next]) : default;

    /// <summary>Looks at the next word without taking it.</summary>
    /// <param name="word">The word as written.</param>
    /// <param name="startsLine">True when it begins a line, or is the first of an import or the first after one.</param>
    /// <returns>False at the end.</returns>
    public bool TryPeek(out CorefileWord word, out bool startsLine)
    {
        Frame frame = _frames.Peek();
        while (frame.IsAtEnd && !frame.TryNextSource() && _frames.Count > 1)
        {
            _frames.Pop();
            frame = _frames.Peek();
        }

        if (frame.IsAtEnd)
        {
            word = default;
            startsLine = true;
            return false;
        }

        word = frame.Source.Words[frame.Next];
        startsLine = word.StartsLine || frame.Next == 0 || frame.IsAfterImport;
        return true;
    }

    /// <summary>Takes the next word, arguments of the import and environment variables replaced.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public CorefileToken Take()
    {
        if (!TryPeek(out CorefileWord word, out _))
        {
            throw new InvalidOperationException("No word is left.");
        }

        Frame frame = _frames.Peek();
        frame.Next++;
        frame.IsAfterImport = false;
        SourceSpan span = SpanOf(frame.Source, word);
        string text = EnvironmentReferences.Replace(word.Text, environment, out string? error, out IReadOnlyList<string> unset);
        if (error is not null)
        {
            diagnostics.Error(span, error);
        }

        foreach (string name in unset)
        {
            diagnostics.Warning(span, $"the environment variable '{name}' is not set, so nothing stands in its place; '{{${name}:VALUE}}' gives a value for then");
        }

        return new CorefileToken(CorefileSource.ReplaceArguments(text, frame.Arguments), span, word.IsQuoted);
    }

    /// <summary>True when the source the last word was taken from has another word on the same line.</summary>
    public bool HasMoreOnLine(out CorefileWord word)
    {
        Frame frame = _frames.Peek();
        word = frame.IsAtEnd ? default : frame.Source.Words[frame.Next];
        return !frame.IsAtEnd && !word.StartsLine;
    }

    /// <summary>Takes the words up to the brace that closes the block just opened, in the source being read.</summary>
    /// <returns>False when the block is not closed there; everything to the source's end is taken then.</returns>
    public bool TryTakeBlock(out ArraySegment<CorefileWord> words)
    {
        Frame frame = _frames.Peek();
        int start = frame.Next;
        int depth = 1;
        for (; !frame.IsAtEnd; frame.Next++)
        {
            CorefileWord word = frame.Source.Words[frame.Next];
            depth += word.IsOpeningBrace ? 1 : word.IsClosingBrace ? -1 : 0;
            if (depth == 0)
            {
                words = frame.Source.Words[start..frame.Next++];
                return true;
            }
        }

        words = frame.Source.Words[start..];
        return false;
    }

    /// <summary>The imports that lead from a source back to itself, when it is being read already.</summary>
    /// <param name="source">The source about to be imported.</param>
    /// <param name="chain">The labels of the chain, the source first and last.</param>
    public bool IsCycle(CorefileSource source, out string chain)
    {
        chain = string.Empty;
        if (!_frames.Any(f => ReferenceEquals(f.Source, source)))
        {
            return false;
        }

        IEnumerable<string> between = _frames.TakeWhile(f => !ReferenceEquals(f.Source, source)).Select(f => f.Source.Label).Reverse();
        chain = string.Join(" -> ", [source.Label, .. between, source.Label]);
        return true;
    }

    /// <summary>Puts the words of sources in front of what is still to be read.</summary>
    /// <param name="sources">The sources, at least one.</param>
    /// <param name="importSite">The place of the import.</param>
    /// <param name="arguments">What stands for <c>{args.0}</c> and so on.</param>
    public void Push(IReadOnlyList<CorefileSource> sources, SourceSpan importSite, IReadOnlyList<string> arguments)
    {
        _frames.Peek().IsAfterImport = true;
        _frames.Push(new Frame(sources, importSite, arguments));
    }

    private static SourceSpan SpanOf(CorefileSource source, CorefileWord word) => new(source.File, word.Line, word.Column, word.Length);

    /// <summary>The sources of one import: a snippet, a file, or the files of a pattern one after the other.</summary>
    private sealed class Frame(IReadOnlyList<CorefileSource> sources, SourceSpan? importSite, IReadOnlyList<string> arguments)
    {
        private int _source;

        public CorefileSource Source => sources[_source];

        public SourceSpan? ImportSite { get; } = importSite;

        public IReadOnlyList<string> Arguments { get; } = arguments;

        public int Next { get; set; }

        public bool IsAfterImport { get; set; }

        public bool IsAtEnd => Next >= Source.Words.Count;

        public bool TryNextSource()
        {
            while (IsAtEnd && _source < sources.Count - 1)
            {
                _source++;
                Next = 0;
            }

            return !IsAtEnd;
        }
    }
}
